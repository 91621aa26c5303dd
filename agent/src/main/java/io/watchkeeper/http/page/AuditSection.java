package io.watchkeeper.http.page;

import io.watchkeeper.audit.AuditEntry;
import java.util.List;

/** Who did what last, and how far the record is known to be as it was written. */
final class AuditSection {

    private final AuditView audit;
    private final Saying say;
    private final Words words;

    private AuditSection(AuditView audit, Saying say) {
        this.audit = audit;
        this.say = say;
        this.words = say.words();
    }

    static Html of(AuditView audit, Saying say) {
        return new AuditSection(audit, say).html();
    }

    private Html html() {
        if (audit.newest().isEmpty()) {
            return Html.of("<p class=\"empty\">{}</p>", words.say("audit.none"));
        }
        return Html.of("""
                <p>{} <a href="/audit">{}</a></p>
                {}
                """, standing(audit, say), words.say("audit.all"), table(audit.newest(), say));
    }

    static Html table(List<AuditEntry> entries, Saying say) {
        Words words = say.words();
        return Html.of(
                """
                <table class="stacked">
                <thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                words.say("audit.what"),
                words.say("audit.subject"),
                words.say("audit.who"),
                words.say("audit.result"),
                words.say("audit.when"),
                entries.stream().map(entry -> row(entry, say)).toList());
    }

    static Html standing(AuditView audit, Saying say) {
        Words words = say.words();
        if (audit.state().damage() != null) {
            return say.mark(
                    "failed",
                    "✖",
                    words.say("audit.damaged", audit.state().damage().message()));
        }
        if (audit.state().checkedAt() == null) {
            return say.mark("skipped", "–", words.say("audit.unverified"));
        }
        return Html.of(
                "{} {}",
                say.mark(
                        "succeeded",
                        "✓",
                        words.say("audit.verified", words.number(audit.state().checkedTo()))),
                say.ago(audit.state().checkedAt()));
    }

    private static Html row(AuditEntry entry, Saying say) {
        Words words = say.words();
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td><td data-label="{}">{}<span class="description">{}</span></td>
                <td data-label="{}">{}</td><td data-label="{}">{}</td></tr>
                """,
                entry.action(),
                words.number(entry.position()),
                words.say("audit.subject"),
                entry.subject(),
                words.say("audit.who"),
                entry.actor(),
                entry.from(),
                words.say("audit.result"),
                entry.result(),
                words.say("audit.when"),
                say.ago(entry.at()));
    }
}
