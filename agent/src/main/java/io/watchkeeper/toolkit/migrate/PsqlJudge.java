package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.LockLevel;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Judges what psql does by itself: its commands, which begin with a backslash, and its variables. With few exceptions they make the
 * script that is run another one than was read, so that nothing, no note and no approval, makes them allowed.
 */
final class PsqlJudge {

    /** Commands that only concern what psql itself shows. Behind a second backslash another would begin, and backticks run a shell. */
    private static final Pattern HARMLESS =
            Pattern.compile("\\\\(?:echo|qecho|warn|pset|timing|t|a|x)(?:[ \\t][^\\\\`\\r]*)?"
                    + "|\\\\encoding[ \\t]+'?(?i:utf-?8|unicode)'?[ \\t]*");

    private static final Set<String> INCLUDES = Set.of("\\i", "\\ir", "\\include", "\\include_relative");

    private PsqlJudge() {}

    /** @param statement one of psql's commands, or a statement that has one, or a variable, in it */
    static Judgement judge(ScriptStatement statement) {
        if (!statement.isChangedByPsql() && HARMLESS.matcher(statement.text()).matches()) {
            return Judgement.of(LockLevel.NONE, null, Phase.EXPAND);
        }
        String first = statement.text().lines().findFirst().orElse("");
        String command = first.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
        if (INCLUDES.contains(command)) {
            return against(
                    "include",
                    "the file that '" + first + "' includes is neither judged nor agreed to",
                    "write its statements into the script itself, or give them a change of their own that this one requires");
        }
        if (command.equals("\\.")) {
            return against(
                    "copy-data",
                    "COPY … FROM stdin is not followed by its rows, from the next line on, and a line '\\.' after them: what comes next would be taken for rows",
                    "end the rows with a line that is nothing but '\\.'");
        }
        return unseen(
                "what psql makes of '" + first + "' cannot be judged",
                "write the statements into the script as they are to be run: without variables and commands of psql, a space behind"
                        + " each number, each E'…' on one line, and nothing between words but spaces and line ends");
    }

    /** The script that is run is not the one that was read. */
    static Judgement unseen(String message, String remedy) {
        return against("psql-command", message, remedy);
    }

    private static Judgement against(String rule, String message, String remedy) {
        return Judgement.of(LockLevel.NONE, null, Phase.CONTRACT).alwaysAgainst(rule, message, remedy);
    }
}
