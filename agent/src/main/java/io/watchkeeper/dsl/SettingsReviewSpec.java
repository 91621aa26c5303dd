package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.settings.SettingsPlan;
import io.watchkeeper.toolkit.settings.SettingsReview;
import io.watchkeeper.units.Bytes;
import org.jspecify.annotations.Nullable;

/** {@code settingsReview('shore') { … }} */
@Block(
        name = "settingsReview",
        value = "What the server has to work with, and what of the findings is known and accepted.",
        words = {"accept", "memory", "reportOnly"})
public final class SettingsReviewSpec extends ReviewSpec {

    private final AcceptedFindings accepted = new AcceptedFindings(SettingsReview.CODES);
    private @Nullable Bytes memory;

    SettingsReviewSpec() {}

    @Word(
            value = "Kinds of findings that count as ok. [Settings and logs](settings-and-logs.md) lists them.",
            example = "accept 'logConnections', 'walCompression'",
            byDefault = "none")
    public void accept(@Checked(TextKind.NAME) String... codes) {
        accepted.add(codes);
    }

    @Word(
            value = "How much memory the server's host has for it.",
            example = "memory 8.gigabytes",
            byDefault = "this host's, when the server is on it; else settings of memory are not compared")
    public void memory(Bytes size) {
        memory = size;
    }

    /** @param logIsReceived whether an archive of this host gets the server's log */
    SettingsPlan plan(boolean logIsReceived) {
        return new SettingsPlan(memory, logIsReceived, accepted.codes());
    }
}
