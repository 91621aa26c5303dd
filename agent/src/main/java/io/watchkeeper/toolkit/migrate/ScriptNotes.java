package io.watchkeeper.toolkit.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a script says of itself in comments like {@code -- watchkeeper: contract after fill_region}, or the plan in its note.
 *
 * @param phase that it says it belongs to; empty where it does not say
 * @param after names of the changes that it says it comes after
 * @param allowed rules that it says it may break
 * @param irreversible whether it says that it cannot be taken back
 */
record ScriptNotes(Optional<Phase> phase, List<String> after, List<String> allowed, boolean irreversible) {

    private static final Pattern NOTE = Pattern.compile("watchkeeper:\\s*(\\w+)\\s*(.*)");

    ScriptNotes {
        after = List.copyOf(after);
        allowed = List.copyOf(allowed);
    }

    static ScriptNotes of(List<String> comments, @Nullable String planNote) {
        Optional<Phase> phase = Optional.empty();
        List<String> after = new ArrayList<>();
        List<String> allowed = new ArrayList<>();
        boolean irreversible = false;
        for (String comment :
                Stream.concat(comments.stream(), Stream.ofNullable(planNote)).toList()) {
            Matcher note = NOTE.matcher(comment);
            if (!note.find()) {
                continue;
            }
            List<String> rest = List.of(note.group(2).strip().split("[\\s,]+"));
            Optional<Phase> said = Phase.named(note.group(1));
            if (said.isPresent()) {
                phase = said;
                if (rest.size() > 1 && rest.get(0).equals("after")) {
                    after.addAll(rest.subList(1, rest.size()));
                }
            } else if (note.group(1).equals("allow")) {
                allowed.addAll(rest);
            } else if (note.group(1).equals("irreversible")) {
                irreversible = true;
            }
        }
        return new ScriptNotes(phase, after, allowed, irreversible);
    }
}
