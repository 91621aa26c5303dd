package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.pgbackrest.Stanza;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the blocks of all verbs have in common that make, keep or restore base backups. */
public abstract class ProviderSpec {

    private @Nullable Stanza stanza;

    ProviderSpec() {}

    @Word(
            value = "Which program makes and keeps the backups. See [Backups by pgBackRest](pgbackrest.md).",
            example = "provider pgbackrest('main')",
            byDefault = "native")
    public void provider(BackupProvider provider) {
        stanza = provider.stanza();
    }

    @Choice(of = "provider", value = "The agent itself, in its own repository; `native` is another word for it.")
    public BackupProvider getWatchkeeper() {
        return new BackupProvider(null);
    }

    @Word(
            value =
                    "For provider: pgBackRest, with the stanza's name and, where it is not at its usual place, its configuration.",
            example = "provider pgbackrest('main', '/etc/pgbackrest/ship.conf')")
    public BackupProvider pgbackrest(@Checked(TextKind.NAME) String name) {
        return new BackupProvider(new Stanza(name, null));
    }

    public BackupProvider pgbackrest(
            @Checked(TextKind.NAME) String name, @Checked(TextKind.PATH) String configuration) {
        return new BackupProvider(new Stanza(name, Path.of(configuration)));
    }

    /** Empty for the agent itself. */
    Optional<Stanza> stanza() {
        return Optional.ofNullable(stanza);
    }

    /** @throws OperatorException when the word was written although pgBackRest cannot do it */
    void requireNative(boolean written, String word, String why) {
        if (written && stanza != null) {
            throw new OperatorException("'" + word + "' does not go with provider pgbackrest: " + why, "leave it out.");
        }
    }
}
