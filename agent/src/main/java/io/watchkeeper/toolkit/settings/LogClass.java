package io.watchkeeper.toolkit.settings;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Kinds of entries of a server's log that somebody may have to look at, worst first. */
public enum LogClass {
    PANIC("the server went down by itself", "keep a copy of the data directory, then see why it went down"),
    CORRUPTION(
            "data on the disk is damaged",
            "keep a copy of the data directory first; SELECT * FROM pg_stat_database; says in checksum_failures where;"
                    + " restore what is damaged from a backup"),
    CRASH(
            "a process of the server was killed, and all sessions with it",
            "look for the kernel's out-of-memory killer: journalctl -k --grep 'Out of memory'"),
    ARCHIVE(
            "the write-ahead log could not be archived and piles up",
            "SELECT * FROM pg_stat_archiver; and run archive_command by hand with the file it names"),
    RESOURCES(
            "disk, memory or connections ran out",
            "make room on the server's disk, or raise what ran out: the messages name it"),
    FATAL("sessions were ended or refused", "the messages say by what"),
    AUTHENTICATION(
            "logins were refused",
            "SELECT * FROM pg_hba_file_rules; shows who may log in from where; many from one address may be somebody who guesses"),
    DEADLOCK(
            "transactions waited for each other in a circle",
            "let them take their locks in one order; the entry's detail has both statements"),
    LOCK_TIMEOUT("statements gave up waiting for a lock", "lockWaits('DATABASE') shows who keeps whom waiting"),
    STATEMENT_TIMEOUT(
            "statements took longer than they may",
            "EXPLAIN (ANALYZE, BUFFERS) the statement; slowQueries finds others"),
    CONFLICT(
            "queries on a standby were cancelled, because replay needed what they read",
            "ALTER SYSTEM SET max_standby_streaming_delay = '5min'; SELECT pg_reload_conf(); or send them to another standby"),
    CHECKPOINTS(
            "checkpoints came too often",
            "ALTER SYSTEM SET max_wal_size = '4GB'; SELECT pg_reload_conf(); or more, if the disk has it"),
    AUTOVACUUM(
            "autovacuum gave way to somebody's lock",
            "vacuum the table by hand at a quiet hour: the entry's context names it"),
    TEMP_FILES(
            "statements spilled to disk",
            "SET work_mem for those statements, or for their role: ALTER ROLE … SET work_mem"),
    ERROR("statements failed", "the messages say why; most are the application's"),
    /** Somebody asked for it, or it is over: counted, and never a finding. */
    ASKED_FOR("ended because somebody asked for it", ""),
    WARNING("warnings", "the messages say why");

    /** So bad that one of them fails. */
    private static final Set<LogClass> GRAVE = Set.of(PANIC, CORRUPTION, CRASH, ARCHIVE);

    private static final Set<String> FREQUENT = Set.of("42", "23", "22");

    /** What messages say where no SQLSTATE does: in the plain format, and in lines of level LOG. */
    private record Sign(Pattern message, LogClass kind) {}

    private static final List<Sign> SIGNS = List.of(
            sign(
                    "invalid page in block|page verification failed|could not read block|missing chunk number|invalid memory alloc"
                            + " request|checksum verification failed|unexpected data beyond EOF",
                    CORRUPTION),
            sign("archive command (failed|was terminated)|archiving write-ahead log file .* failed", ARCHIVE),
            sign(
                    "was terminated by signal|database system was interrupted|was not properly shut down|"
                            + "terminating any other active server processes",
                    CRASH),
            sign("checkpoints are occurring too frequently", CHECKPOINTS),
            sign("^temporary file: path", TEMP_FILES),
            sign("canceling autovacuum task", AUTOVACUUM),
            sign("deadlock detected", DEADLOCK),
            sign("due to lock timeout", LOCK_TIMEOUT),
            sign("due to statement timeout|due to transaction timeout", STATEMENT_TIMEOUT),
            sign("conflict with recovery", CONFLICT),
            sign(
                    "due to user request|due to administrator command|connection to client lost|is starting up|is shutting down|"
                            + "terminating walreceiver|terminating background worker",
                    ASKED_FOR),
            sign(
                    "authentication failed|no pg_hba.conf entry|pg_hba.conf rejects|role \".*\" does not exist$|"
                            + "is not permitted to log in|no password supplied",
                    AUTHENTICATION),
            sign(
                    "No space left on device|out of memory|too many clients already|remaining connection slots|could not resize shared"
                            + " memory|Too many open files|could not extend file",
                    RESOURCES));

    /** Lines that show what was run, in the languages of {@link LogSeverity}: it is somebody's SQL, and says nothing of the server. */
    private static final Pattern LOGGED_SQL =
            Pattern.compile("^(?:duration: |statement: |execute |fastpath function call|AUDIT: "
                    + "|(?:실행|수행|작업)시간: |명령 구문: |쿼리실행 |자료뽑기 |fastpath 함수 호출"
                    + "|Dauer: |Anweisung: |Ausführen |Fastpath-Funktionsaufruf)");

    private final String meaning;
    private final String remedy;

    LogClass(String meaning, String remedy) {
        this.meaning = meaning;
        this.remedy = remedy;
    }

    private static Sign sign(String message, LogClass kind) {
        return new Sign(Pattern.compile(message), kind);
    }

    /** Empty for an entry that is no news: level LOG and below, with nothing in it that anybody has to look at. */
    static Optional<LogClass> of(LogEntry entry) {
        if (entry.severity() == LogSeverity.PANIC) {
            return Optional.of(PANIC);
        }
        if (entry.severity().compareTo(LogSeverity.LOG) <= 0
                && LOGGED_SQL.matcher(entry.message()).find()) {
            return Optional.empty();
        }
        Optional<LogClass> byState = byState(entry.sqlState());
        if (byState.isPresent()) {
            return byState;
        }
        for (Sign sign : SIGNS) {
            if (sign.message().matcher(entry.message()).find()) {
                boolean says = sign.kind() != AUTHENTICATION || entry.severity() == LogSeverity.FATAL;
                if (says && (sign.kind() != ASKED_FOR || entry.severity().isFailure())) {
                    return Optional.of(sign.kind());
                }
            }
        }
        return switch (entry.severity()) {
            case FATAL -> Optional.of(FATAL);
            case ERROR -> Optional.of(ERROR);
            case WARNING -> Optional.of(WARNING);
            default -> Optional.empty();
        };
    }

    private static Optional<LogClass> byState(String state) {
        if (state.length() != 5) {
            return Optional.empty();
        }
        return switch (state) {
            case "XX001", "XX002" -> Optional.of(CORRUPTION);
            case "40P01" -> Optional.of(DEADLOCK);
            case "55P03" -> Optional.of(LOCK_TIMEOUT);
            case "25P04" -> Optional.of(STATEMENT_TIMEOUT);
            case "57P01", "57P03", "08006", "08003" -> Optional.of(ASKED_FOR);
            case "57P02" -> Optional.of(CRASH);
            case "28000", "28P01" -> Optional.of(AUTHENTICATION);
            default ->
                state.startsWith("53")
                        ? Optional.of(RESOURCES)
                        : FREQUENT.contains(state.substring(0, 2)) ? Optional.of(ERROR) : Optional.empty();
        };
    }

    /** As documents and runbooks spell it, for example {@code lockTimeout}. */
    public String wireName() {
        String[] words = name().toLowerCase(Locale.ROOT).split("_");
        StringBuilder name = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            name.append(Character.toUpperCase(words[i].charAt(0))).append(words[i].substring(1));
        }
        return name.toString();
    }

    /** What it means, for people. */
    String meaning() {
        return meaning;
    }

    /** What to do about it; empty when there is nothing to do. */
    String remedy() {
        return remedy;
    }

    boolean isGrave() {
        return GRAVE.contains(this);
    }
}
