package io.watchkeeper.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of one command, in the language of man(7), out of what the command says of itself. */
final class ManualPage {

    private static final CommandLine.Help.Ansi PLAIN = CommandLine.Help.Ansi.OFF;

    private final CommandLine command;
    private final CommandSpec spec;
    private final String version;
    private final String date;
    private final StringBuilder page = new StringBuilder();

    ManualPage(CommandLine command, String version, String date) {
        this.command = command;
        this.spec = command.getCommandSpec();
        this.version = version;
        this.date = date;
    }

    /** As in {@code man NAME}: {@code watchkeeper-backup-list}. */
    String name() {
        return name(command);
    }

    private static String name(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    /** The commands below one that people are shown, help aside. */
    static List<CommandLine> shown(CommandLine command) {
        return command.getSubcommands().values().stream()
                .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
                .distinct()
                .toList();
    }

    String roff() {
        page.setLength(0);
        macro("TH", name().toUpperCase(Locale.ROOT), "1", date, "Watchkeeper " + version, "Watchkeeper");
        macro("SH", "NAME");
        line(name() + " - " + firstSentence());
        macro("SH", "SYNOPSIS");
        line(text(command.getHelp().synopsis(0)));
        macro("SH", "DESCRIPTION");
        paragraphs(spec.usageMessage().description());
        arguments();
        options();
        commands();
        String[] footer = spec.usageMessage().footer();
        if (footer.length > 0) {
            macro("SH", "NOTES");
            paragraphs(footer);
        }
        macro("SH", "SEE ALSO");
        line(seeAlso());
        return page.toString();
    }

    private String firstSentence() {
        String[] description = spec.usageMessage().description();
        String text = description.length == 0 ? "" : text(description[0]);
        int end = text.indexOf(". ");
        return (end < 0 ? text : text.substring(0, end)).replaceFirst("\\.$", "");
    }

    private void arguments() {
        List<PositionalParamSpec> arguments =
                spec.positionalParameters().stream().filter(a -> !a.hidden()).toList();
        if (arguments.isEmpty()) {
            return;
        }
        macro("SH", "ARGUMENTS");
        arguments.forEach(argument -> item(argument.paramLabel(), argument));
    }

    private void options() {
        List<OptionSpec> options =
                spec.options().stream().filter(o -> !o.hidden()).toList();
        if (options.isEmpty()) {
            return;
        }
        macro("SH", "OPTIONS");
        for (OptionSpec option : options) {
            String names = String.join(", ", option.names());
            String label = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
            item(names + label, option);
        }
    }

    private void commands() {
        List<CommandLine> commands = shown(command);
        if (commands.isEmpty()) {
            return;
        }
        macro("SH", "COMMANDS");
        for (CommandLine one : commands) {
            macro("TP");
            line("\\fB" + escaped(one.getCommandName()) + "\\fR", false);
            String[] description = one.getCommandSpec().usageMessage().description();
            line(description.length == 0 ? "" : text(description[0]));
        }
    }

    private String seeAlso() {
        Stream<String> parent = command.getParent() == null ? Stream.empty() : Stream.of(name(command.getParent()));
        String pages = Stream.concat(parent, shown(command).stream().map(ManualPage::name))
                .map(name -> name + "(1)")
                .collect(Collectors.joining(", "));
        return (pages.isEmpty() ? "" : pages + ". ") + "Documents are in /usr/share/doc/watchkeeper.";
    }

    private void item(String label, ArgSpec spec) {
        macro("TP");
        line("\\fB" + escaped(label) + "\\fR", false);
        String description = Stream.of(spec.description()).map(ManualPage::text).collect(Collectors.joining(" "));
        String fallback = spec.defaultValue();
        line(description + (fallback == null || fallback.isEmpty() ? "" : " Default: " + fallback + "."));
    }

    private void paragraphs(String... lines) {
        boolean first = true;
        for (String one : lines) {
            if (one.isBlank()) {
                macro("PP");
            } else {
                if (!first && one.startsWith(" ")) {
                    macro("br");
                }
                line(text(one));
            }
            first = false;
        }
    }

    /** Without picocli's marks of style, and with its percent signs and line ends filled in. */
    private static String text(String marked) {
        return PLAIN.string(marked.contains("%") ? marked.replace("%n", " ").replace("%%", "%") : marked)
                .replaceAll("\\s+", " ")
                .strip();
    }

    private void macro(String name, String... arguments) {
        page.append('.').append(name);
        for (String argument : arguments) {
            page.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
        }
        page.append('\n');
    }

    private void line(String text) {
        line(text, true);
    }

    private void line(String text, boolean escape) {
        String safe = escape ? escaped(text) : text;
        // A line that begins so would be a request.
        page.append(safe.startsWith(".") || safe.startsWith("'") ? "\\&" : "")
                .append(safe)
                .append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
