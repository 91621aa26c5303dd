package io.watchkeeper.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws what a terminal showed as an SVG: each command appears with what it printed, one after the other. */
final class TerminalPicture {

    private static final Pattern COLOUR = Pattern.compile("\u001b\\[([0-9;]*)m");
    private static final int LINE = 19;
    private static final double LETTER = 8.43;
    private static final int MARGIN = 18;
    private static final int HEAD = 34;
    private static final double SECONDS_A_COMMAND = 2.2;

    private final int columns;
    private final List<List<String>> scenes = new ArrayList<>();

    TerminalPicture(int columns) {
        this.columns = columns;
    }

    /** @param output with the escape sequences of colours, and no others */
    void add(String command, String output) {
        List<String> lines = new ArrayList<>();
        lines.add("\u001b[1m$ " + command + "\u001b[0m");
        output.stripTrailing().lines().forEach(lines::add);
        lines.add("");
        scenes.add(lines);
    }

    String svg(String title) {
        int lines = scenes.stream().mapToInt(List::size).sum();
        double width = columns * LETTER + 2 * MARGIN;
        int height = HEAD + lines * LINE + MARGIN;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$.0f %2$d" width="%1$.0f" height="%2$d" role="img" aria-label="%3$s">
            <style>
            text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#e6e6e6;white-space:pre}
            .b{font-weight:bold;fill:#fff}.d{fill:#9aa4b2}.g{fill:#7ee787}.r{fill:#ff8b82}.y{fill:#f2cc60}
            .s{opacity:0;animation:show .2s linear forwards}
            @keyframes show{to{opacity:1}}
            @media (prefers-reduced-motion:reduce){.s{opacity:1;animation:none}}
            </style>
            <rect width="100%%" height="100%%" rx="8" fill="#15191f"/>
            <circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
            """, width, height, escaped(title)));
        int y = HEAD + LINE;
        for (int i = 0; i < scenes.size(); i++) {
            svg.append(String.format(
                    Locale.ROOT, "<g class=\"s\" style=\"animation-delay:%.1fs\">\n", i * SECONDS_A_COMMAND));
            for (String line : scenes.get(i)) {
                if (!line.isEmpty()) {
                    svg.append("<text x=\"")
                            .append(MARGIN)
                            .append("\" y=\"")
                            .append(y)
                            .append("\" xml:space=\"preserve\">");
                    svg.append(spans(line)).append("</text>\n");
                }
                y += LINE;
            }
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private static String spans(String line) {
        StringBuilder text = new StringBuilder();
        Matcher colour = COLOUR.matcher(line);
        int from = 0;
        String now = "";
        while (colour.find()) {
            text.append(span(line.substring(from, colour.start()), now));
            now = style(colour.group(1));
            from = colour.end();
        }
        return text.append(span(line.substring(from), now)).toString();
    }

    private static String style(String code) {
        return switch (code) {
            case "1" -> "b";
            case "2" -> "d";
            case "31" -> "r";
            case "32" -> "g";
            case "33" -> "y";
            default -> "";
        };
    }

    private static String span(String text, String style) {
        if (text.isEmpty()) {
            return "";
        }
        return style.isEmpty() ? escaped(text) : "<tspan class=\"" + style + "\">" + escaped(text) + "</tspan>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
