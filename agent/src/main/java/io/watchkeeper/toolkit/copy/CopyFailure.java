package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.TableLocks;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what went wrong in a copy, and what to do. */
public final class CopyFailure {

    private CopyFailure() {}

    public static OperatorException explain(Session source, Session target, List<PreparedCopy> copies, SQLException e) {
        String state = FailureClass.sqlState(e).orElse("");
        if (state.equals(SqlStates.LOCK_NOT_AVAILABLE)) {
            return TableLocks.explain(
                    target, copies.stream().map(c -> c.target().name()).toList(), e);
        }
        String names = copies.stream().map(c -> c.source().name().toString()).collect(Collectors.joining(", "));
        String message = "copying " + names + " from '" + source.database().name() + "' to '"
                + target.database().name() + "' failed, the target was left as it was: " + words(e);
        return new OperatorException(message, hint(e, target.database().name(), copies), e);
    }

    /** What to do about it; null when nothing general can be said. */
    public static @Nullable String hint(Exception e, String target, List<PreparedCopy> copies) {
        String state = FailureClass.sqlState(e).orElse("");
        boolean merging = copies.stream().anyMatch(copy -> copy.mergeKey() != null);
        return switch (state) {
            case "23505" ->
                merging
                        ? "a row that only the target has holds that value; remove it there, or use strategy truncate."
                        : copies.stream().anyMatch(copy -> copy.plan().options().strategy() == CopyStrategy.APPEND)
                                ? "append adds rows to those the target has; strategy truncate replaces them, and where leaves some out."
                                : "the target keeps rows apart by a constraint that the source does not have; make both the same.";
            case SqlStates.FOREIGN_KEY_VIOLATION ->
                "copy the tables that are referred to first, or together with copyTables.";
            case "23514" ->
                copies.stream().anyMatch(copy -> copy.plan().options().strategy() == CopyStrategy.PARTITION)
                        ? "rows that do not belong into the partition are left out with where; other constraints of the"
                                + " target must be the source's."
                        : "the target's constraints are stricter than the source's; make them the same.";
            case "23502" ->
                merging && words(e).contains("watchkeeper_merge")
                        ? "a row that has no value there cannot be told from others: leave such rows out with where, or name another key."
                        : "the target's constraints are stricter than the source's; make them the same.";
            case "40001" ->
                "the standby cancelled a view that was in the way of what it replays; set hot_standby_feedback = on there, or a"
                        + " longer max_standby_streaming_delay, or copy from the primary.";
            case "53100" -> "free some space on the disk of '" + target + "'; the copy needs the room twice.";
            case "22021" ->
                "texts of one database are not valid in its encoding; correct them, or leave those rows out with where.";
            case "22P05" ->
                "the encodings of the two databases do not have the same characters; leave those rows out with where, or"
                        + " make a target database with encoding UTF8.";
            case SqlStates.INSUFFICIENT_PRIVILEGE -> "grant the role what is missing.";
            default ->
                FailureClass.of(e) == FailureClass.RETRYABLE
                        ? "the server or the link failed; run it again once they are back."
                        : null;
        };
    }

    /** The server's own words in one line. */
    public static String words(Exception e) {
        String message = String.valueOf(e.getMessage()).strip();
        return message.replaceFirst("^ERROR: ", "").replaceAll("\\s*\\n\\s*", "; ");
    }
}
