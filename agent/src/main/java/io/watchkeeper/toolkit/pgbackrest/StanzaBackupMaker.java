package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a backup of a stanza. */
public final class StanzaBackupMaker {

    private static final Pattern LABEL = Pattern.compile("new backup label = (\\S+)");

    private final PgBackRest program;

    public StanzaBackupMaker(PgBackRest program) {
        this.program = program;
    }

    /**
     * What is to be made. What is null is left to pgBackRest's configuration.
     *
     * @param fastCheckpoint whether the server is to write its dirty pages at once
     * @param compression {@code none}, {@code gz}, {@code lz4}, {@code zst}
     * @param keepAll whether pgBackRest is kept from expiring what its own configuration lets go, which it does after each backup
     */
    public record Options(
            StanzaBackup.Type type,
            @Nullable Boolean fastCheckpoint,
            @Nullable String compression,
            @Nullable Integer compressionLevel,
            boolean keepAll) {

        /** The same, and pgBackRest expires nothing after it. */
        Options keepingAll() {
            return new Options(type, fastCheckpoint, compression, compressionLevel, true);
        }

        Options withType(StanzaBackup.Type another) {
            return new Options(another, fastCheckpoint, compression, compressionLevel, keepAll);
        }

        List<String> words() {
            List<String> words = new ArrayList<>(List.of("--type=" + type.word()));
            if (fastCheckpoint != null) {
                words.add(fastCheckpoint ? "--start-fast" : "--no-start-fast");
            }
            if (compression != null) {
                words.add("--compress-type=" + compression);
            }
            if (compressionLevel != null) {
                words.add("--compress-level=" + compressionLevel);
            }
            if (keepAll) {
                words.add("--no-expire-auto");
            }
            return words;
        }
    }

    /** @param warnings what pgBackRest said beside, for example that there was no full backup to stand on */
    public record Made(StanzaBackup backup, List<String> warnings) {}

    /** @throws OperatorException when no backup was made: then what was copied so far is none, and pgBackRest's next one clears it up */
    public Made make(Options options) {
        StanzaInfo before = program.requireInfo();
        String subject = program.stanza().name();
        PgBackRest.Outcome outcome;
        try {
            outcome = program.run(
                    "backup",
                    options.words(),
                    new FileProgress(program.work(), subject, options.type().word() + " backup"));
        } finally {
            program.work().progress(Progress.finished(subject));
        }
        StanzaInfo after = program.requireInfo();
        StanzaBackup made = label(outcome.log())
                .flatMap(after::find)
                .or(() -> newest(before, after))
                .orElseThrow(() -> new OperatorException(
                        "pgbackrest ended well, but stanza '" + program.stanza() + "' has no new backup",
                        "pgbackrest " + program.stanza().options() + " info shows what there is."));
        return new Made(made, outcome.log().warnings());
    }

    /** The command that {@link #make} runs. */
    public String describe(Options options) {
        return program.text("backup", options.words());
    }

    private static Optional<String> label(CommandLog log) {
        return log.messages().stream()
                .map(message -> LABEL.matcher(message.text()))
                .filter(Matcher::matches)
                .map(m -> m.group(1))
                .findFirst();
    }

    private static Optional<StanzaBackup> newest(StanzaInfo before, StanzaInfo after) {
        return after.backups().stream()
                .filter(backup -> before.find(backup.label()).isEmpty())
                .reduce((older, newer) -> newer);
    }

    /** pgBackRest's name of a compression of ours. @throws OperatorException when it has none */
    public static String compressionType(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "none" -> "none";
            case "gzip" -> "gz";
            case "zstd" -> "zst";
            case "lz4" -> "lz4";
            default ->
                throw new OperatorException(
                        "pgBackRest does not compress with " + word, "it knows none, gzip, zstd and lz4.");
        };
    }
}
