package io.watchkeeper.http.page;

import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.Strain;
import java.util.List;

/** What of this host's work is heavy: who does it, who waits for a place, and why some of it goes on slowly. */
final class HeavyWorkSection {

    private final ArbiterState state;
    private final Saying say;
    private final Words words;

    private HeavyWorkSection(ArbiterState state, Saying say) {
        this.state = state;
        this.say = say;
        this.words = say.words();
    }

    static Html of(ArbiterState state, Saying say) {
        return new HeavyWorkSection(state, say).html();
    }

    /** Whether there is anything to show: most of the time a host does nothing heavy. */
    static boolean isWorthShowing(ArbiterState state) {
        return !state.working().isEmpty()
                || !state.waiting().isEmpty()
                || !state.strains().isEmpty();
    }

    private Html html() {
        if (!isWorthShowing(state)) {
            return Html.EMPTY;
        }
        return Html.of(
                """
                <p class="line">{}</p>
                {}
                <ul class="running">{}{}</ul>
                """,
                words.say("heavy.places", words.number(state.working().size()), words.number(state.atOnce())),
                state.strains().stream().map(this::strain).toList(),
                state.working().stream().map(this::working).toList(),
                state.waiting().stream().map(this::waiting).toList());
    }

    private Html strain(Strain strain) {
        return Html.of(
                "<p class=\"line\">{}</p>\n", say.mark("skipped", "▲", words.say("heavy.strained", strain.text())));
    }

    private Html working(ArbiterState.Job job) {
        String reason = job.reason();
        return Html.of(
                "<li><p class=\"line\">{}{}</p></li>\n",
                job(job),
                reason == null ? Html.EMPTY : Html.of(" {}", say.mark("paused", "‖", words.say("heavy.slowed"))));
    }

    private Html waiting(ArbiterState.Job job) {
        return Html.of(
                "<li><p class=\"line\">{} {} <span class=\"since\">{}</span></p></li>\n",
                job(job),
                say.mark("queued", "◌", words.say("heavy.inLine", words.number(job.place()))),
                job.reason());
    }

    private Html job(ArbiterState.Job job) {
        List<String> databases = job.work().databases();
        return Html.of(
                "<a href=\"/runs/{}\">{}</a> {}{} <span class=\"since\">{}</span>",
                job.runId(),
                job.runbook(),
                words.say("heavy.kind." + job.work().kind().wireName()),
                databases.isEmpty() ? "" : " · " + String.join(" → ", databases),
                say.ago(job.since()));
    }
}
