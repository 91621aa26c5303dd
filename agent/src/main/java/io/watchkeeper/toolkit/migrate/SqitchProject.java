package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with {@code sqitch.plan} and its scripts in {@code deploy}, {@code revert} and {@code verify}, as {@code sqitch init} lays it
 * out.
 *
 * @param name as the plan's {@code %project} says
 * @param changes in the order of the plan
 */
record SqitchProject(Path folder, String name, List<SqitchChange> changes) {

    static final String PLAN = "sqitch.plan";

    /** Settings that would have Sqitch read other files than those that were judged. */
    private static final Pattern OTHER_LAYOUT = Pattern.compile(
            "(?m)^\\s*(top_dir|deploy_dir|revert_dir|verify_dir|reworked_\\w+|extension|plan_file)\\s*=");

    private static final Pattern PRAGMA = Pattern.compile("%([\\w-]+)\\s*=\\s*(.*)");
    private static final Pattern TAG = Pattern.compile("@(\\S+)\\s.*");
    private static final Pattern CHANGE =
            Pattern.compile("([^\\s\\[@%#]\\S*)(?:\\s+\\[([^]]*)])?\\s+\\d{4}-\\S+\\s[^#]*(?:#\\s*(.*))?");

    SqitchProject {
        changes = List.copyOf(changes);
    }

    /** @throws OperatorException when it is no Sqitch project, or one that is laid out in another way */
    static SqitchProject read(Path folder) {
        String plan = ProjectFiles.text(folder, folder.resolve(PLAN))
                .orElseThrow(() -> new OperatorException(
                        folder + " has no " + PLAN,
                        "name the folder of a Sqitch project: sqitch init NAME --engine pg makes one."));
        Optional<String> layout = ProjectFiles.text(folder, folder.resolve("sqitch.conf"))
                .map(OTHER_LAYOUT::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1));
        if (layout.isPresent()) {
            throw new OperatorException(
                    folder.resolve("sqitch.conf") + " sets " + layout.get(),
                    "keep to Sqitch's own layout: sqitch.plan, and the folders deploy, revert and verify beside it.");
        }
        return parse(folder, plan);
    }

    private static SqitchProject parse(Path folder, String plan) {
        String name = "";
        List<Draft> drafts = new ArrayList<>();
        int number = 0;
        for (String raw : plan.lines().toList()) {
            number++;
            String line = raw.strip();
            Matcher pragma = PRAGMA.matcher(line);
            Matcher tag = TAG.matcher(line + " ");
            Matcher change = CHANGE.matcher(line);
            if (pragma.matches()) {
                name = pragma.group(1).equals("project") ? pragma.group(2).strip() : name;
            } else if (tag.matches() && !drafts.isEmpty()) {
                drafts.get(drafts.size() - 1).tags.add(tag.group(1));
            } else if (change.matches()) {
                drafts.add(new Draft(change.group(1), requires(change.group(2)), change.group(3)));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                throw new OperatorException(
                        folder.resolve(PLAN) + ":" + number + ": this line is neither a change nor a tag: " + line,
                        "sqitch plan says what Sqitch itself reads there.");
            }
        }
        if (name.isEmpty()) {
            throw new OperatorException(
                    folder.resolve(PLAN) + " does not name its project", "write %project=NAME on top.");
        }
        return new SqitchProject(
                folder,
                name,
                IntStream.range(0, drafts.size())
                        .mapToObj(i -> finished(drafts, i))
                        .toList());
    }

    /** A change as far as its own line tells. */
    private static final class Draft {
        private final String name;
        private final List<String> requires;
        private final @Nullable String note;
        private final List<String> tags = new ArrayList<>();

        Draft(String name, List<String> requires, @Nullable String note) {
            this.name = name;
            this.requires = requires;
            this.note = note;
        }
    }

    private static List<String> requires(@Nullable String list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.split("\\s+"))
                        .filter(word -> !word.isEmpty() && !word.startsWith("!"))
                        .map(word -> word.replaceFirst("@.*", ""))
                        .toList();
    }

    /** The scripts of a change that was reworked are kept under the tag that came between. */
    private static SqitchChange finished(List<Draft> drafts, int at) {
        Draft draft = drafts.get(at);
        int next = IntStream.range(at + 1, drafts.size())
                .filter(i -> drafts.get(i).name.equals(draft.name))
                .findFirst()
                .orElse(-1);
        String scriptName = draft.name;
        String reference = draft.name;
        if (next > 0) {
            String tag = IntStream.range(at, next)
                    .boxed()
                    .flatMap(i -> drafts.get(i).tags.stream())
                    .findFirst()
                    .orElse("");
            scriptName = draft.name + "@" + tag;
            reference = scriptName;
        } else if (drafts.subList(0, at).stream().anyMatch(before -> before.name.equals(draft.name))) {
            reference = draft.name + "@HEAD";
        }
        return new SqitchChange(draft.name, scriptName, reference, draft.requires, draft.note, draft.tags);
    }

    /**
     * Where a revision is in the plan.
     *
     * @param revision a change's name, {@code @tag}, {@code name@tag}, or {@code @HEAD} for the last one
     * @throws UnknownRevisionException when the plan has none of that name
     */
    int position(String revision) {
        if (revision.equals("@HEAD") && !changes.isEmpty()) {
            return changes.size() - 1;
        }
        for (int i = changes.size() - 1; i >= 0; i--) {
            SqitchChange change = changes.get(i);
            boolean isTag = revision.startsWith("@") && change.tags().contains(revision.substring(1));
            if (isTag || change.reference().equals(revision) || change.name().equals(revision)) {
                return i;
            }
        }
        List<String> known = changes.stream()
                .flatMap(change -> Stream.concat(
                        Stream.of(change.name()), change.tags().stream().map(tag -> "@" + tag)))
                .distinct()
                .toList();
        throw new UnknownRevisionException(
                "the plan of '" + name + "' has no change or tag '" + revision + "'",
                Suggestion.didYouMean(revision, known) + "Changes and tags are listed in " + folder.resolve(PLAN)
                        + ".");
    }

    /** The text of a script; empty when there is none. @param kind deploy, revert or verify */
    Optional<String> script(String kind, SqitchChange change) {
        return ProjectFiles.text(folder, scriptFile(folder, kind, change));
    }

    /** The bytes of a script; empty when there is none. @param kind deploy, revert or verify */
    Optional<byte[]> bytes(String kind, SqitchChange change) {
        return ProjectFiles.bytes(folder, scriptFile(folder, kind, change));
    }

    /** @throws OperatorException when it would lie outside of the folder */
    static Path scriptFile(Path folder, String kind, SqitchChange change) {
        Path scripts = folder.resolve(kind);
        Path script = scripts.resolve(change.scriptName() + ".sql").normalize();
        if (!script.startsWith(scripts.normalize())) {
            throw new OperatorException(
                    "the script of '" + change.name() + "' lies outside of " + scripts,
                    "give the change a plain name.");
        }
        return script;
    }

    /** Its path below the project's folder. */
    static String path(String kind, SqitchChange change) {
        return kind + "/" + change.scriptName() + ".sql";
    }
}
