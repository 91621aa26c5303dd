package io.watchkeeper.http.page;

import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The small pages: all runs, sign in, and what went wrong with a request. */
public final class PlainPages {

    private PlainPages() {}

    /** @param nextBefore the id that older runs stand before; null on the last page */
    public static String runs(
            AgentView agent,
            Saying say,
            List<RunOutcome> runs,
            @Nullable String runbook,
            @Nullable RunState state,
            @Nullable String nextBefore) {
        Words words = say.words();
        List<Html> states = new ArrayList<>();
        states.add(stateLink(runbook, null, words.say("runs.all"), state == null));
        for (RunState s : RunState.values()) {
            states.add(stateLink(runbook, s, words.say("state." + s.wireName()), s == state));
        }
        Html main = Html.of(
                """
                <div class="headline plain"><div><h1>{}</h1></div></div>
                <nav class="filters" aria-label="{}">{}</nav>
                <div id="runs" data-live>{}</div>
                {}
                """,
                runbook == null ? words.say("runs.title") : words.say("runs.titleOf", runbook),
                words.say("runs.filter"),
                states,
                runs.isEmpty()
                        ? Html.of("<p class=\"empty\">{}</p>", words.say("recent.none"))
                        : RunTable.of(runs, say, true),
                nextBefore == null
                        ? Html.EMPTY
                        : Html.of(
                                "<p class=\"more\"><a href=\"/runs?{}before={}\">{}</a></p>",
                                query(runbook, state),
                                nextBefore,
                                words.say("runs.older")));
        return new PageFrame(agent, say).page(words.say("runs.title"), "runs", false, main);
    }

    /** Asks for the token where reading needs one; says nothing about the agent to those who have none. */
    public static String signIn(AgentView agent, Saying say) {
        Words words = say.words();
        Html main = Html.of(
                """
                <div class="headline plain"><div><h1>{}</h1><p>{}</p></div></div>
                <noscript><p class="card timedout">{}</p></noscript>
                <p class="actions js"><button type="button" class="primary" data-act="sign-in">{}</button></p>
                """,
                words.say("signIn.title"),
                words.say("signIn.why"),
                words.say("signIn.script"),
                words.say("signIn.button"));
        return new PageFrame(agent, say).bare(words.say("signIn.title"), main);
    }

    /** @param known whether whoever is told may know about the agent, too */
    public static String error(AgentView agent, Saying say, String detail, @Nullable String hint, boolean known) {
        Words words = say.words();
        Html main =
                Html.of("""
                <div class="headline failed"><span class="shape" aria-hidden="true">✖</span><div><h1>{}</h1>{}</div></div>
                <p><a href="/">{}</a></p>
                """, detail, hint == null ? Html.EMPTY : Html.of("<p>{}</p>", hint), words.say("error.back"));
        PageFrame frame = new PageFrame(agent, say);
        return known ? frame.page(detail, "", false, main) : frame.bare(detail, main);
    }

    private static Html stateLink(@Nullable String runbook, @Nullable RunState state, String text, boolean here) {
        return Html.of(
                "<a href=\"/runs?{}\"{}>{}{}</a> ",
                query(runbook, state),
                Html.of(" aria-current=\"true\"").when(here),
                state == null
                        ? Html.EMPTY
                        : Html.of("<span class=\"shape\" aria-hidden=\"true\">{}</span> ", Saying.shape(state)),
                text);
    }

    private static Html query(@Nullable String runbook, @Nullable RunState state) {
        return Html.of(
                "{}{}",
                runbook == null ? Html.EMPTY : Html.of("runbook={}&amp;", Html.url(runbook)),
                state == null ? Html.EMPTY : Html.of("state={}&amp;", state.wireName()));
    }
}
