package io.watchkeeper.http.page;

import java.util.List;

/** What all pages share: head, header, footer, and the few hidden parts the script uses. */
final class PageFrame {

    private static final Html BRAND = Html.of("""
            <a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2 4 6v6c0 5 3.4 8.6 8 10 4.6-1.4 8-5 8-10V6z"/>\
            <circle cx="12" cy="11.5" r="3"/></svg>Watchkeeper</a>""");
    private static final Html BARE_HEADER = Html.of("<header class=\"top\">{}</header>", BRAND);

    private final AgentView agent;
    private final Saying say;
    private final Words words;

    PageFrame(AgentView agent, Saying say) {
        this.agent = agent;
        this.say = say;
        this.words = say.words();
    }

    /** A page for those who may not know anything about this agent. */
    String bare(String title, Html main) {
        return page(title, "Watchkeeper", false, BARE_HEADER, main, Html.EMPTY);
    }

    /** @param here the navigation entry to mark: status, runbooks, runs, audit or empty. @param alert whether something needs somebody */
    String page(String title, String here, boolean alert, Html main) {
        return page(title, agent.host(), alert, header(here), main, footer());
    }

    private String page(String title, String host, boolean alert, Html header, Html main, Html footer) {
        return Html.of(
                        """
                        <!doctype html>
                        <html lang="{}">
                        <head>
                        <meta charset="utf-8">
                        <meta name="viewport" content="width=device-width, initial-scale=1">
                        <meta name="color-scheme" content="light dark">
                        <title>{} · {}</title>
                        <link rel="icon" id="icon" type="image/svg+xml" href="/page/{}?v={}">
                        <link rel="stylesheet" href="/page/watchkeeper.css?v={}">
                        <script src="/page/watchkeeper.js?v={}"></script>
                        </head>
                        <body {}>
                        <a class="skip" href="#main">{}</a>
                        {}
                        <p id="lost" role="alert" hidden></p>
                        <main id="main" tabindex="-1">
                        {}
                        </main>
                        {}
                        <div id="notices" role="status" aria-live="polite"></div>
                        {}{}
                        </body>
                        </html>
                        """,
                        words.language().getLanguage(),
                        title,
                        host,
                        alert ? "alert.svg" : "icon.svg",
                        agent.assetVersion(),
                        agent.assetVersion(),
                        agent.assetVersion(),
                        scriptWords(),
                        words.say("skip"),
                        header,
                        main,
                        footer,
                        tokenDialog(),
                        chartDialog())
                .toString();
    }

    private Html header(String here) {
        return Html.of(
                """
                <header class="top">
                {}
                <span class="host">{} <span class="role">{}</span></span>
                <nav aria-label="{}"><a href="/"{}>{}</a><a href="/runbooks"{}>{}</a><a href="/runs"{}>{}</a><a href="/audit"{}>{}</a></nav>
                <span id="link" class="link" hidden><span class="shape" aria-hidden="true">●</span> <span>{}</span></span>
                </header>
                """,
                BRAND,
                agent.host(),
                agent.role(),
                words.say("nav.label"),
                current(here, "status"),
                words.say("nav.status"),
                current(here, "runbooks"),
                words.say("nav.runbooks"),
                current(here, "runs"),
                words.say("nav.runs"),
                current(here, "audit"),
                words.say("nav.audit"),
                words.say("link.live"));
    }

    private static Html current(String here, String entry) {
        return Html.of(" aria-current=\"page\"").when(here.equals(entry));
    }

    private Html footer() {
        return Html.of(
                """
                <footer>
                <p>Watchkeeper {} · {} {} · {}</p>
                <p>{} <a href="/v1/status">status</a> <a href="/v1/runbooks">runbooks</a> <a href="/v1/runs">runs</a>
                <a href="/v1/sync">sync</a> <a href="/v1/replication">replication</a> <a href="/v1/backups">backups</a>
                <a href="/v1/drills">drills</a> <a href="/v1/checklists">checklists</a> <a href="/v1/problems">problems</a> <a href="/health/ready">health</a> <a href="/metrics">metrics</a></p>
                </footer>
                """,
                agent.version(),
                words.say("footer.since"),
                say.minute(agent.startedAt()),
                agent.configFile() == null ? words.say("footer.unconfigured") : agent.configFile(),
                words.say("footer.data"));
    }

    private Html tokenDialog() {
        return Html.of(
                """
                <dialog id="token" aria-labelledby="token-title"><form method="dialog">
                <h2 id="token-title">{}</h2>
                <p id="token-why"></p>
                <label>{} <input type="password" name="token" autocomplete="current-password" required></label>
                <p class="hint">{}</p>
                <p class="actions"><button type="submit" class="primary" value="ok">{}</button>
                <button type="button" data-close>{}</button></p>
                </form></dialog>
                """,
                words.say("token.title"),
                words.say("token.label"),
                words.say("token.hint"),
                words.say("token.ok"),
                words.say("token.cancel"));
    }

    private Html chartDialog() {
        return Html.of(
                """
                <dialog id="chart" aria-labelledby="chart-title" data-version="{}" data-zone="{}" data-at="{}" data-limit="{}" data-rows="{}" data-bytes="{}">
                <h2 id="chart-title"></h2>
                <div class="closer"></div>
                <p class="problem" role="alert" hidden></p>
                <p class="hint">{}</p>
                <p class="actions"><button type="button" data-close>{}</button></p>
                </dialog>
                """,
                agent.assetVersion(),
                say.zone().getId(),
                words.say("chart.at"),
                words.say("lag.limit"),
                words.say("chart.rows"),
                words.say("chart.bytes"),
                words.say("chart.hint"),
                words.say("chart.close"));
    }

    /** The script has no words of its own. */
    private Html scriptWords() {
        List<String> keys = List.of(
                "time.ago",
                "time.in",
                "time.due",
                "unit.join",
                "unit.s",
                "unit.min",
                "unit.h",
                "unit.d.one",
                "unit.d.many",
                "progress.rows",
                "progress.rate",
                "progress.eta",
                "progress.since",
                "progress.stalled",
                "progress.more",
                "lost.now",
                "lost.age",
                "lost.page",
                "changed.one",
                "changed.many",
                "changed.some",
                "changed.next",
                "act.started",
                "act.cancelling",
                "act.paused",
                "act.resumed",
                "act.failed",
                "act.sure",
                "act.copied",
                "token.needed",
                "token.wrong");
        Html attributes = Html.of("data-now=\"{}\"", say.now());
        for (String key : keys) {
            attributes = Html.of("{} data-{}=\"{}\"", attributes, key.replace('.', '-'), words.say(key));
        }
        return attributes;
    }
}
