package io.watchkeeper.toolkit.wal;

import io.watchkeeper.postgres.PgCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How segments are stored.
 *
 * @param compression the suffix of what compresses them, such as {@code .gz}; empty for none
 * @param encrypted whether they are encrypted too
 * @param stages programs that read standard input and write standard output, in this order; none where segments stay as they are
 * @param options the same for {@code archive-wal}
 */
public record StoredForm(
        String compression, boolean encrypted, List<Supplier<PgCommand>> stages, List<String> options) {

    /** As the server wrote them. */
    public static final StoredForm PLAIN = new StoredForm("", false, List.of(), List.of("--compress", "none"));

    private static final String ENCRYPTED = ".age";

    public StoredForm {
        stages = List.copyOf(stages);
        options = List.copyOf(options);
    }

    /** What a stored segment's name ends in. */
    public String suffix() {
        return compression + (encrypted ? ENCRYPTED : "");
    }

    /** @param name of the program, as archive-wal calls it: {@code gzip}, {@code zstd}, {@code lz4} */
    public static StoredForm compressed(String suffix, String name, Supplier<PgCommand> compress) {
        return new StoredForm(suffix, false, List.of(compress), List.of("--compress", name));
    }

    /** The same, encrypted for these recipients. */
    public StoredForm encryptedFor(List<String> recipients, Supplier<PgCommand> encrypt) {
        List<Supplier<PgCommand>> more = new ArrayList<>(stages);
        more.add(encrypt);
        List<String> words = new ArrayList<>(options);
        recipients.forEach(recipient -> words.addAll(List.of("--recipient", recipient)));
        return new StoredForm(compression, true, more, words);
    }

    /** For people: {@code gzip, encrypted}. */
    @Override
    public String toString() {
        String compressed = compression.isEmpty() ? "not compressed" : "compressed (" + compression + ")";
        return compressed + (encrypted ? ", encrypted (.age)" : "");
    }
}
