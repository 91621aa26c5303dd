package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.TOKEN;
import static io.watchkeeper.http.AgentStandIn.id;
import static io.watchkeeper.http.AgentStandIn.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Problem;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.TableState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The page as a person has it: in a real Chromium. With {@code -Dscreenshots.write=true} it also takes the pictures of docs/.
 */
class StatusPageBrowserTest {

    private static final List<String> PAGES = List.of(
            "/",
            "/runbooks",
            "/runbooks/ship-sync",
            "/runs",
            "/runs/" + ShownFleet.RUNNING_RUN,
            "/runs/" + ShownFleet.FAILED_RUN,
            "/runs/" + ShownFleet.DONE_RUN,
            "/sync",
            "/backups",
            "/drills",
            "/replicas",
            "/slots",
            "/checklists",
            "/audit",
            "/nowhere");

    private static final Path DOCS = Path.of("..", "docs");

    private static Browser browser;

    @TempDir
    private static Path profile;

    private final AgentStandIn agent = AgentStandIn.start(
            AgentStandIn.settings("127.0.0.1", TOKEN, null, false),
            java.net.http.HttpClient.newHttpClient(),
            Duration.ofSeconds(1));

    @BeforeAll
    static void startBrowser() throws IOException {
        String lacking = "THE STATUS PAGE WAS NOT TESTED IN A BROWSER: NO CHROMIUM AND CHROMEDRIVER ON THIS MACHINE";
        if (!Browser.isThere()) {
            System.err.println(lacking);
        }
        assumeTrue(Browser.isThere(), lacking);
        browser = Browser.start(profile);
    }

    @AfterAll
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void look() {
        browser.scripts(true);
        browser.colours("light");
        browser.language("en");
        browser.screen(1280, 900);
    }

    @AfterEach
    void leave() {
        // Else the page of the next test is asked for over connections of an agent that is gone.
        browser.open(java.net.URI.create("about:blank"));
        browser.console();
        agent.close();
    }

    private void open(String path) {
        browser.open(agent.uri(path));
    }

    private static List<String> wrong(String check) {
        List<String> wrong = new ArrayList<>();
        browser.ask(check).forEach(one -> wrong.add(one.asText()));
        return wrong;
    }

    // ---- seen by anybody

    @ParameterizedTest
    @CsvSource({"1280, light, en", "1280, dark, ko", "400, dark, en", "400, light, ko"})
    void everyPageFitsCanBeReadAndHasNames(int width, String scheme, String language) {
        ShownFleet.fill(agent);
        browser.screen(width, 900);
        browser.colours(scheme);
        browser.language(language);
        for (String page : PAGES) {
            open(page);
            assertThat(wrong(PageChecks.TOO_WIDE)).as("%s at %d", page, width).isEmpty();
            assertThat(wrong(PageChecks.CONTRAST)).as("%s in %s", page, scheme).isEmpty();
            assertThat(wrong(PageChecks.NAMES)).as(page).isEmpty();
            assertThat(browser.ask("return document.documentElement.lang").asText())
                    .isEqualTo(language);
            // An address that nothing is at is an error that the browser itself reports.
            assertThat(browser.console()).as(page).allMatch(line -> page.equals("/nowhere") && line.contains("404"));
        }
    }

    @Test
    void koreanPagesHaveNoEnglishHeadings() {
        ShownFleet.fill(agent);
        browser.language("ko-KR,ko;q=0.9,en;q=0.5");
        for (String page : List.of("/", "/sync", "/backups", "/drills", "/replicas", "/slots", "/audit", "/runs")) {
            open(page);
            JsonNode headings = browser.ask(
                    "return [...document.querySelectorAll('h1,h2,h3,thead th,label')].map(e => e.textContent.trim()).filter(t => t)");
            assertThat(headings).as(page).isNotEmpty();
            headings.forEach(heading -> assertThat(heading.asText())
                    .as(page)
                    .matches(text -> text.matches("(?s).*\\p{IsHangul}.*") || text.matches("RPO|RTO")));
        }
    }

    @Test
    void theFirstViewIsSmallAndSoonThere() {
        ShownFleet.fill(agent);
        // Whatever the virtual machine compiles first is not the page's.
        agent.get("/");
        browser.devTools("Network.setCacheDisabled", Map.of("cacheDisabled", true));
        open("/");
        JsonNode sizes = browser.ask("""
                const all = [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource').filter(r => r.name.includes('/page/'))];
                return { bytes: all.reduce((sum, r) => sum + r.decodedBodySize, 0), wire: all.reduce((sum, r) => sum + r.transferSize, 0), requests: all.length };
                """);
        browser.until("return performance.getEntriesByName('first-contentful-paint').length > 0");
        double paint = browser.ask("return performance.getEntriesByName('first-contentful-paint')[0].startTime")
                .asDouble();
        browser.devTools("Network.setCacheDisabled", Map.of("cacheDisabled", false));
        assertThat(sizes.path("bytes").asInt()).isBetween(40_000, 150_000);
        assertThat(sizes.path("requests").asInt()).isBetween(3, 5);
        assertThat(paint).isLessThan(1_000);
        System.out.printf(
                "first view: %d bytes (%d on the wire) in %d requests, painted after %.0f ms%n",
                sizes.path("bytes").asInt(),
                sizes.path("wire").asInt(),
                sizes.path("requests").asInt(),
                paint);
    }

    @Test
    void canBeReadSortedAndSearchedWithoutScripts() {
        ShownFleet.fill(agent);
        browser.scripts(false);
        open("/");
        assertThat(browser.text())
                .contains("1 thing needs you.", "fleet-sync", "3 rows that are not as ashore", "public.documents")
                .contains("Last sync", "Replication lag", "Recoverable to", "Last good restore drill");
        assertThat(browser.ask(
                                "return [...document.querySelectorAll('.js')].filter(e => e.getClientRects().length).length")
                        .asInt())
                .isZero();
        open("/backups");
        browser.click("#sort-backups-bytes");
        browser.until("return location.search.includes('sort=bytes') && document.readyState === 'complete'");
        assertThat(browser.ask("return location.pathname + location.search").asText())
                .isEqualTo("/backups?sort=bytes");
        browser.click("#sort-backups-finishedAt");
        browser.until("return location.search.includes('sort=finishedAt') && document.readyState === 'complete'");
        assertThat(browser.ask("return document.querySelector('tbody tr .description').textContent")
                        .asText())
                .startsWith("base");
        browser.type("input[name=filter]", "dump");
        browser.click("form.search button");
        browser.until("return location.search.includes('filter=dump') && document.readyState === 'complete'");
        assertThat(browser.ask("return document.querySelectorAll('tbody tr').length")
                        .asInt())
                .isOne();
        open("/audit");
        browser.type("input[name=actor]", "schedule");
        browser.click("form.search button");
        browser.until("return location.search.includes('actor=schedule') && document.readyState === 'complete'");
        assertThat(browser.ask(
                                "return [...document.querySelectorAll('#list tbody tr')].filter(r => !r.textContent.includes('schedule')).length")
                        .asInt())
                .isZero();
        assertThat(browser.ask("return document.getElementById('json').getAttribute('href')")
                        .asText())
                .isEqualTo("/v1/audit?actor=schedule");
    }

    @Test
    void isUsedByKeyboardAlone() {
        ShownFleet.fill(agent);
        open("/");
        List<String> reached = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            browser.press("\uE004");
            JsonNode focus = browser.ask(PageChecks.FOCUS);
            assertThat(focus.path(1).asBoolean())
                    .as("focus on %s is seen", focus)
                    .isTrue();
            reached.add(focus.path(0).asText());
        }
        assertThat(reached).startsWith("Skip to content").contains("Audit", "See the run", "Run", "Cancel");
    }

    // ---- alive

    @Test
    void whatHappensIsSeenWithoutReloading() {
        ShownFleet.fill(agent);
        open("/runs/" + ShownFleet.RUNNING_RUN);
        browser.until("return !document.getElementById('link').hidden");
        browser.ask("window.notReloaded = true");
        for (int rows = 650_000; rows < 990_000; rows += 20_000) {
            agent.live.progressed(
                    ShownFleet.RUNNING_RUN, 0, new Progress("public.chunks", "load", rows, 1_000_000, 20L << 20));
        }
        browser.until("return document.querySelector('.outlook').textContent.includes('97 %')");
        agent.live.logged(
                ShownFleet.RUNNING_RUN,
                new LogLine(AgentStandIn.NOW, LogLine.Level.INFO, "the last chunk is on its way"));
        browser.until("return document.getElementById('log').textContent.includes('the last chunk')");
        agent.finish(ShownFleet.RUNNING_RUN, "ship-sync", RunState.SUCCEEDED);
        browser.until("return document.querySelector('h1').textContent.includes('succeeded in')");
        assertThat(browser.ask("return window.notReloaded").asBoolean()).isTrue();
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void aLostConnectionIsSaidAtOnceAndWhatIsShownStaysReadable() {
        ShownFleet.fill(agent);
        open("/");
        browser.until("return !document.getElementById('link').hidden");
        agent.close();
        browser.until("return !document.getElementById('lost').hidden");
        assertThat(browser.text()).contains("The connection to the agent is lost.");
        browser.until("return /is \\d+ s old/.test(document.getElementById('lost').textContent)");
        assertThat(browser.ask("return getComputedStyle(document.querySelector('main')).filter")
                        .asText())
                .contains("grayscale");
        for (String scheme : List.of("light", "dark")) {
            browser.colours(scheme);
            assertThat(wrong(PageChecks.CONTRAST)).as(scheme).isEmpty();
        }
    }

    @Test
    void saysThatARunbookWasChangedAndWhenItRunsNext(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a.groovy");
        Files.writeString(file, "one\ntwo\nthree\nfour\n");
        agent.load(AgentStandIn.runbook("a", file.toString()));
        open("/");
        browser.until("return !document.getElementById('link').hidden");
        Files.writeString(file, "one\n2\nthree\n4\n");
        agent.load(withFingerprint(AgentStandIn.runbook("a", file.toString()), "changed"));
        browser.until(
                "return /a changed: 2 lines, next run in 1[45] min/.test(document.getElementById('notices').textContent)");
        assertThat(browser.console()).isEmpty();
    }

    private static Runbook withFingerprint(Runbook runbook, String fingerprint) {
        return new Runbook(
                runbook.name(),
                runbook.description(),
                runbook.owner(),
                runbook.roles(),
                runbook.schedule(),
                runbook.policy(),
                runbook.guards(),
                runbook.parameters(),
                runbook.steps(),
                runbook.onFailure(),
                runbook.onRecovery(),
                runbook.location(),
                fingerprint);
    }

    @Test
    void whatTheAgentCannotShowAnyMoreIsNotTakenForLive() {
        ShownFleet.fill(agent);
        open("/");
        browser.until("return !document.getElementById('link').hidden");
        browser.ask("window.notReloaded = true");
        agent.storeFailure = new OperatorException("the store cannot be read", null);
        agent.begin(id(50), "wal-archive");
        browser.until("return document.getElementById('lost').textContent.includes('cannot show this page')");
        // Longer than from one heartbeat to the next, which tells that the agent lives, and no more.
        browser.until("return /is ([6-9]|1\\d) s old/.test(document.getElementById('lost').textContent)");
        assertThat(browser.ask("return document.getElementById('link').hidden").asBoolean())
                .isTrue();
        agent.storeFailure = null;
        browser.until("return document.getElementById('lost').hidden && !document.getElementById('link').hidden");
        browser.until("return document.getElementById('cancel-" + id(50) + "') !== null");
        assertThat(browser.ask("return window.notReloaded").asBoolean()).isTrue();
    }

    @Test
    void anErrorGivesWayToThePageOnceItsCauseIsGone() {
        ShownFleet.fill(agent);
        agent.storeFailure = new OperatorException("the store cannot be read", null);
        open("/");
        assertThat(browser.text()).contains("the store cannot be read");
        agent.storeFailure = null;
        browser.until("return document.getElementById('figures') !== null");
    }

    @Test
    void aRunOfAnotherProcessIsFollowedToItsEnd() {
        ShownFleet.fill(agent);
        agent.past(run(id(50), "wal-archive", RunState.RUNNING));
        agent.logs.put(id(50), List.of(AgentStandIn.line("one")));
        open("/runs/" + id(50));
        agent.logs.put(id(50), List.of(AgentStandIn.line("one"), AgentStandIn.line("two")));
        browser.until("return document.querySelectorAll('#log li').length === 2");
        agent.past(run(id(50), "wal-archive", RunState.SUCCEEDED));
        browser.until("return document.querySelector('h1').textContent.includes('succeeded in')");
        assertThat(browser.ask("return document.getElementById('log').textContent")
                        .asText())
                .containsOnlyOnce("one")
                .containsOnlyOnce("two");
    }

    @Test
    void asksAgainWhereATokenOrASessionIsNotEnough(@TempDir Path folder) {
        TokensFile tokens = new TokensFile(folder.resolve("tokens"));
        String reader = AccessToken.random();
        tokens.add(new AccessToken(
                "reader", AccessToken.digest(reader), Set.of(Scope.READ), AgentStandIn.NOW, null, List.of()));
        AgentConfig.Http closed = new AgentConfig.Http(
                new InetSocketAddress("127.0.0.1", 0),
                TOKEN,
                tokens.path(),
                null,
                false,
                false,
                4_096,
                AgentConfig.HttpBounds.USUAL);
        try (AgentStandIn other = AgentStandIn.start(closed)) {
            ShownFleet.fill(other);
            browser.open(other.uri("/"));
            browser.click("button[data-act=sign-in]");
            browser.until("return document.getElementById('token').open");
            browser.type("#token input", reader);
            browser.click("#token button[type=submit]");
            browser.until("const link = document.getElementById('link'); return link && !link.hidden");

            browser.click("#run-wal-archive");
            browser.until(
                    "return document.getElementById('token-why').textContent.includes(\"takes the scope 'run'\")");
            browser.type("#token input", TOKEN.reveal());
            browser.click("#token button[type=submit]");
            browser.until("return document.getElementById('notices').textContent.includes('Started wal-archive')");
            assertThat(other.started).hasSize(1);

            other.clock.forward(Duration.ofHours(13));
            other.begin(id(50), "wal-archive");
            browser.until("return document.querySelector('button[data-act=sign-in]') !== null");
            browser.open(java.net.URI.create("about:blank"));
        }
    }

    // ---- doing something

    @Test
    void runsPausesAndCancelsWithATokenThatIsTypedOnce() {
        ShownFleet.fill(agent);
        open("/");
        browser.until("return !document.getElementById('link').hidden");
        browser.click("#run-wal-archive");
        browser.until("return document.getElementById('token').open");
        assertThat(wrong(PageChecks.CONTRAST)).isEmpty();
        browser.type("#token input", "not-the-token");
        browser.click("#token button[type=submit]");
        browser.until("return document.getElementById('token-why').textContent.startsWith('That was not')");
        assertThat(agent.started).isEmpty();
        browser.type("#token input", TOKEN.reveal());
        browser.click("#token button[type=submit]");
        browser.until("return document.getElementById('notices').textContent.includes('Started wal-archive')");
        assertThat(agent.started).singleElement().satisfies(request -> {
            assertThat(request.runbook().name()).isEqualTo("wal-archive");
            assertThat(request.trigger()).isEqualTo(RunTrigger.HTTP);
        });

        browser.reload();
        browser.until("return !document.getElementById('link').hidden");
        browser.click("#pause-ship-sync");
        browser.until("return document.getElementById('pause-ship-sync').textContent === 'Resume'");
        assertThat(agent.paused).contains("ship-sync");
        String cancel = "#cancel-" + ShownFleet.RUNNING_RUN;
        browser.click(cancel);
        assertThat(agent.cancelled).isEmpty();
        browser.until("return document.querySelector(arguments[0]).textContent === 'Really?'", cancel);
        // What happens meanwhile replaces the button, and not the question.
        agent.begin(id(60), "wal-archive");
        browser.until("return document.getElementById(arguments[0]) !== null", "cancel-" + id(60));
        assertThat(browser.ask("return document.querySelector(arguments[0]).textContent", cancel)
                        .asText())
                .isEqualTo("Really?");
        browser.click(cancel);
        browser.until("return document.getElementById('notices').textContent.includes('Cancelling')");
        assertThat(agent.cancelled).containsExactly(ShownFleet.RUNNING_RUN);

        assertThat(browser.ask("return [localStorage.length, document.cookie.length, sessionStorage.length]")
                        .toString())
                .isEqualTo("[0,0,1]");
        assertThat(agent.get("/").body()).doesNotContain(TOKEN.reveal());
    }

    @Test
    void sortsAndFiltersInPlaceAndTheAddressSaysHow() {
        ShownFleet.fill(agent);
        open("/sync");
        browser.until("return !document.getElementById('link').hidden");
        browser.ask("window.notReloaded = true");
        browser.click("#sort-sync-differences");
        browser.until("return document.querySelector('th[aria-sort=ascending]') !== null");
        browser.click("#sort-sync-differences");
        browser.until("return document.querySelector('th[aria-sort=descending]') !== null");
        assertThat(browser.ask("return document.querySelector('tbody th').textContent")
                        .asText())
                .startsWith("public.work_orders");
        browser.type("input[name=filter]", "ship-7");
        browser.until("return document.querySelectorAll('tbody tr').length === 4");
        assertThat(browser.ask("return location.search").asText()).isEqualTo("?sort=-differences&filter=ship-7");
        String json = browser.ask("return document.getElementById('json').getAttribute('href')")
                .asText();
        assertThat(json).isEqualTo("/v1/sync?sort=-differences&filter=ship-7");
        assertThat(agent.get(json).body()).contains("public.documents").doesNotContain("ship-9");
        browser.ask("history.back()");
        browser.until("return document.querySelector('th[aria-sort=ascending]') !== null");
        assertThat(browser.ask("return window.notReloaded").asBoolean()).isTrue();
        assertThat(browser.console()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1280, light, en", "400, dark, ko"})
    void lagIsLookedIntoWithItsExactFigures(int width, String scheme, String language) {
        ShownFleet.fill(agent);
        browser.screen(width, 900);
        browser.colours(scheme);
        browser.language(language);
        open("/");
        browser.until("return document.querySelector('figure.lag button[data-act=chart]') !== null");
        assertThat(browser.ask("return typeof uPlot").asText()).isEqualTo("undefined");

        browser.click("figure.lag button[data-act=chart]");

        browser.until("return document.querySelector('#chart canvas') !== null");
        assertThat(browser.ask("return document.querySelectorAll('#chart .u-series').length")
                        .asInt())
                .isGreaterThanOrEqualTo(3);
        browser.ask("""
                const over = document.querySelector('#chart .u-over'), box = over.getBoundingClientRect();
                for (const kind of ['mouseenter', 'mousemove']) {
                  over.dispatchEvent(new MouseEvent(kind, { clientX: box.left + box.width / 2, clientY: box.top + 20, bubbles: true }));
                }
                """);
        browser.until("return /\\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('#chart .u-legend').textContent)");
        assertThat(browser.ask("return document.documentElement.scrollWidth").asInt())
                .isLessThanOrEqualTo(width);
        assertThat(
                        wrong(
                                "return [...document.querySelectorAll('#chart *')].filter(e => e.scrollWidth > innerWidth).map(e => e.className)"))
                .isEmpty();

        browser.click("#chart [data-close]");
        browser.until("return document.querySelector('#chart canvas') === null");
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void throughputIsLookedIntoWithRowsAndBytes() {
        ShownFleet.fill(agent);
        open("/");
        browser.until("return !document.getElementById('link').hidden");
        browser.ask("""
                const button = document.createElement('button');
                Object.assign(button.dataset, { act: 'chart', title: 'Rate', samples: '[[0,100,5000],[60,20000,900000],[120,40,0]]' });
                button.id = 'closer';
                document.getElementById('main').prepend(button);
                """);
        browser.click("#closer");
        browser.until("return document.querySelector('#chart canvas') !== null");
        browser.ask("""
                const over = document.querySelector('#chart .u-over'), box = over.getBoundingClientRect();
                for (const kind of ['mouseenter', 'mousemove']) {
                  over.dispatchEvent(new MouseEvent(kind, { clientX: box.left + box.width / 2, clientY: box.top + 20, bubbles: true }));
                }
                """);
        browser.until("return document.querySelector('#chart .u-legend').textContent.includes('20,000')");
        assertThat(browser.ask("return document.querySelector('#chart .u-legend').textContent")
                        .asText())
                .contains("1 min 0 s", "Rows a second", "879 KB/s");
        assertThat(browser.console()).isEmpty();
    }

    // ---- attacked

    @ParameterizedTest
    @ValueSource(strings = {"/", "/runs", "/runs/ID", "/sync", "/runbooks", "/audit?actor=EVIL", "/sync?filter=EVIL"})
    void whatSomebodyWroteIntoNamesAndErrorsIsTextAndNothingElse(String page) {
        String evil = ShownFleet.EVIL;
        agent.load(List.of(new Problem("x.groovy", 1, 1, evil, evil)), ShownFleet.runbook("evil", evil));
        RunError error = new RunError(evil, evil, evil, 3, null);
        agent.past(new RunOutcome(
                id(1),
                "evil",
                evil,
                RunState.FAILED,
                AgentStandIn.NOW,
                Duration.ofSeconds(1),
                false,
                RunTrigger.HTTP,
                Map.of("x", evil),
                List.of(),
                error));
        agent.past(run(id(2), "other", RunState.SUCCEEDED));
        agent.logs.put(id(1), List.of(AgentStandIn.line(evil)));
        agent.tables = List.of(new TableState("ship", evil, AgentStandIn.NOW, 1L, AgentStandIn.NOW, evil));
        agent.ticks.add(new RunTicks("evil", RunState.FAILED, AgentStandIn.NOW, 1, id(1)));
        agent.warnings.add(evil);
        open(page.replace("ID", id(1))
                .replace("EVIL", java.net.URLEncoder.encode(evil, java.nio.charset.StandardCharsets.UTF_8)));
        browser.until("return !document.getElementById('link').hidden");
        assertThat(browser.ask("return window.pwned === undefined && !document.querySelector('img')")
                        .asBoolean())
                .isTrue();
        assertThat(browser.ask("return document.documentElement.outerHTML").asText())
                .contains("&lt;script&gt;window.pwned=1");
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void theContentPolicyStopsWhatWouldBeSmuggledIn() {
        ShownFleet.fill(agent);
        open("/");
        browser.ask("""
                const s = document.createElement('script');
                s.textContent = 'window.pwned = 1';
                document.body.append(s);
                document.body.insertAdjacentHTML('beforeend', '<img src=/page/none.svg onerror="window.pwned = 2">');
                """);
        browser.until("return [...document.images].every(i => i.complete)");
        assertThat(browser.ask("return window.pwned === undefined").asBoolean()).isTrue();
        assertThat(browser.console()).anyMatch(line -> line.contains("Content Security Policy"));
    }

    // ---- pictures

    @Test
    void takesThePicturesOfTheDocumentation() throws IOException {
        ShownFleet.fill(agent);
        picture("/", "status-page", 1280, 1500, "light", "en");
        picture("/", "status-page-dark", 1280, 1500, "dark", "en");
        picture("/", "status-page-korean", 1280, 900, "light", "ko");
        picture("/", "status-page-phone", 400, 1400, "dark", "en");
        picture("/runs/" + ShownFleet.FAILED_RUN, "status-page-run", 1280, 800, "light", "en");
        picture("/backups?sort=-finishedAt", "status-page-backups", 1280, 560, "light", "en");
        look("/", 1280, 700, "light", "en");
        browser.click("figure.lag button[data-act=chart]");
        browser.until("return document.querySelector('#chart canvas') !== null");
        keep("status-page-chart");
    }

    private void picture(String path, String name, int width, int height, String scheme, String language)
            throws IOException {
        look(path, width, height, scheme, language);
        keep(name);
    }

    private void look(String path, int width, int height, String scheme, String language) {
        browser.screen(width, height);
        browser.colours(scheme);
        browser.language(language);
        open(path);
        browser.until("return document.fonts.status === 'loaded' && !document.getElementById('link').hidden");
    }

    private static void keep(String name) throws IOException {
        byte[] picture = browser.picture();
        assertThat(picture).hasSizeGreaterThan(10_000).startsWith(0x89, 'P', 'N', 'G');
        if (Boolean.getBoolean("screenshots.write")) {
            Files.write(DOCS.resolve(name + ".png"), picture);
        }
    }
}
