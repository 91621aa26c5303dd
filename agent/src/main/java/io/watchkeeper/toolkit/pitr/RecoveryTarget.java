package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.DurationText;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How far recovery goes. The timeline is always the newest one that the archive's histories lead to. */
public sealed interface RecoveryTarget {

    /** Everything there is. */
    RecoveryTarget LATEST = new Latest();

    /** The settings of PostgreSQL that stand for it, values as text. */
    Map<String, String> settings();

    /** As it stands in a report: {@code latest}, {@code 2026-11-21T14:30:00Z}, {@code LSN 0/8F3A2C10}. */
    String words();

    /** All that was committed and archived. */
    record Latest() implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public String words() {
            return "latest";
        }
    }

    /** The last commit at or before an instant. */
    record AtTime(Instant time) implements RecoveryTarget {

        private static final DateTimeFormatter POSTGRES =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx", Locale.ROOT);

        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target_time", POSTGRES.format(time.atOffset(ZoneOffset.UTC)));
        }

        @Override
        public String words() {
            return time.toString();
        }
    }

    /**
     * An instant after the last archived commit, until which nothing else was committed.
     *
     * @param last where that transaction's end is in the log; null when it is in the backup itself
     * @param committed when it ended; null when it is not known
     * @param known who says that there was no later one
     */
    record AtQuietTime(
            Instant time, @Nullable Lsn last, @Nullable Instant committed, String known) implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return last == null
                    ? Map.of("recovery_target", "immediate")
                    : Map.of("recovery_target_lsn", last.toString());
        }

        @Override
        public String words() {
            return time.toString();
        }

        /** Why recovery ends before that time. */
        String note() {
            return "nothing was committed between "
                    + (committed == null ? "the backup" : committed)
                    + ", the end of the last archived transaction, and "
                    + time
                    + ": " + known + "; so recovery ends after it";
        }
    }

    /** The record at a position of the log, that one included. */
    record AtLsn(Lsn lsn) implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target_lsn", lsn.toString());
        }

        @Override
        public String words() {
            return "LSN " + lsn;
        }
    }

    /** A restore point, made by {@code pg_create_restore_point}. */
    record AtName(String name) implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target_name", name);
        }

        @Override
        public String words() {
            return "restore point '" + name + "'";
        }
    }

    /**
     * An instant: {@code 2026-11-21T14:30:00Z}, {@code 2026-11-21 14:30:00+09}, without an offset in the clock's zone; or
     * {@code 30 seconds ago}.
     *
     * @throws OperatorException when it cannot be read, or lies in the future
     */
    static RecoveryTarget timestamp(String text, Clock clock) {
        Instant time = Times.parse(text, clock)
                .orElseThrow(() -> new OperatorException(
                        "'" + text + "' is not a time",
                        "write it as '2026-11-21 14:30:00+00', '2026-11-21T14:30:00Z' or '5 minutes ago'."));
        return timestamp(time, clock);
    }

    /** @throws OperatorException when it lies in the future */
    static RecoveryTarget timestamp(Instant time, Clock clock) {
        Instant now = clock.instant();
        if (time.isAfter(now)) {
            throw new OperatorException(
                    "the recovery target " + time + " lies in the future, it is " + now,
                    "give a time that has passed, with its zone, or recover to the latest.");
        }
        return new AtTime(time);
    }

    /** @throws OperatorException when it is not a position of the log */
    static RecoveryTarget lsn(String text) {
        return Lsn.parse(text)
                .filter(lsn -> lsn.position() != 0)
                .<RecoveryTarget>map(AtLsn::new)
                .orElseThrow(
                        () -> new OperatorException(
                                "'" + text + "' is not a position of the write-ahead log",
                                "write it as PostgreSQL does: 0/8F3A2C10; 'select pg_current_wal_lsn()' says the current one."));
    }

    /** @throws OperatorException when no restore point can have that name */
    static RecoveryTarget name(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (name.isBlank() || bytes > 63 || name.indexOf('\n') >= 0 || name.indexOf('\0') >= 0) {
            throw new OperatorException(
                    "'" + name + "' cannot be the name of a restore point",
                    "it has 1 to 63 bytes on one line; 'select pg_create_restore_point(…)' makes one.");
        }
        return new AtName(name);
    }

    /** Reads times as people write them. */
    final class Times {

        private static final Pattern AGO = Pattern.compile("(.+?)\\s+ago", Pattern.CASE_INSENSITIVE);
        private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
                .append(DateTimeFormatter.ISO_LOCAL_DATE)
                .appendPattern("['T'][' ']HH:mm")
                .appendPattern("[:ss]")
                .optionalStart()
                .appendFraction(java.time.temporal.ChronoField.NANO_OF_SECOND, 0, 9, true)
                .optionalEnd()
                .toFormatter(Locale.ROOT);
        private static final DateTimeFormatter WITH_OFFSET = new DateTimeFormatterBuilder()
                .append(LOCAL)
                .appendPattern("[' '][XXX][X]")
                .toFormatter(Locale.ROOT);

        private Times() {}

        static Optional<Instant> parse(String text, Clock clock) {
            Matcher ago = AGO.matcher(text.strip());
            if (ago.matches()) {
                Optional<Duration> age = DurationText.parse(ago.group(1));
                return age.map(a -> clock.instant().minus(a));
            }
            try {
                return Optional.of(
                        OffsetDateTime.parse(text.strip(), WITH_OFFSET).toInstant());
            } catch (DateTimeException e) {
                return local(text.strip(), clock.getZone());
            }
        }

        private static Optional<Instant> local(String text, ZoneId zone) {
            try {
                return Optional.of(LocalDateTime.parse(text, LOCAL).atZone(zone).toInstant());
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
    }
}
