package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import java.io.IOException;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon that lives for years and whose runbooks are edited daily must not do: grow. */
class ReloadTest {

    private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();

    @TempDir
    Path folder;

    /** Uses all of the ways in which Groovy could hold on to a class: blocks, closures called from Java, dynamic comparison. */
    private static String text(int version) {
        return """
                runbook('a') {
                    description 'version %d'
                    schedule { every 1.hour }
                    policy { timeout 5.minutes }
                    step('x') {
                        def m = [[n: %d], [n: 2]]
                        m.findAll { it.n > 1 }.each { row -> log.info "${row.n}" }
                        def twice = { int i -> i * 2 }
                        log.info twice(3)
                        check('n', m[0].n) { warn 5_000 }
                    }
                    onFailure { alert 'page', error.message }
                }
                """.formatted(version, version);
    }

    private static long metaspace() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(p -> p.getName().equals("Metaspace"))
                .map(MemoryPoolMXBean::getUsage)
                .mapToLong(u -> u.getUsed())
                .sum();
    }

    private void reload(RunbookFolder watched, RunbookRegistry registry, int from, int to) throws Exception {
        for (int version = from; version < to; version++) {
            Files.writeString(folder.resolve("a.groovy"), text(version));
            watched.reloadNow();
            Runbook runbook = registry.find("a").orElseThrow();
            assertThat(runbook.description()).isEqualTo("version " + version);
            runbook.steps().get(0).body().run(new RecordingContext(false));
        }
    }

    /** Loads so many versions and comes back when no more classes go. */
    private long metaspaceAfter(RunbookFolder watched, RunbookRegistry registry, int from, int to) throws Exception {
        reload(watched, registry, from, to);
        long before = CLASSES.getUnloadedClassCount();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    System.gc();
                    return CLASSES.getUnloadedClassCount() > before;
                });
        System.gc();
        return metaspace();
    }

    private void staysFlat(int reloads) throws Exception {
        RunbookRegistry registry = new RunbookRegistry();
        try (RunbookFolder watched = new RunbookFolder(folder, Loading.loader(), registry, Clock.systemUTC())) {
            long warm = metaspaceAfter(watched, registry, 0, 50);
            int classesWarm = CLASSES.getLoadedClassCount();

            long after = metaspaceAfter(watched, registry, 50, 50 + reloads);

            // Each version has about ten classes; a tenth of them left behind would show.
            assertThat(CLASSES.getLoadedClassCount() - classesWarm).isLessThan(reloads);
            assertThat(after - warm).as("metaspace, bytes").isLessThan(reloads * 5_000L);
        }
    }

    @Test
    void leavesNoClassesOfOldVersionsBehind() throws Exception {
        staysFlat(150);
    }

    @Test
    @Tag("campaign")
    @Timeout(900)
    void staysFlatOverTwoThousandReloads() throws Exception {
        staysFlat(2_000);
    }

    @Test
    void letsTheClassesOfAFileGo() throws Exception {
        List<WeakReference<Class<?>>> scripts = new ArrayList<>();
        RunbookCompiler compiler =
                new RunbookCompiler("ship", new TextChecks(List.of(), Loading::cronProblem), CompileCache.none());
        for (int version = 0; version < 20; version++) {
            scripts.add(new WeakReference<>(
                    compiler.compile("a.groovy", text(version)).script()));
            compiler.compile("a.groovy", "runbook('a') { stp('x') { } }");
        }

        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    System.gc();
                    assertThat(scripts).extracting(WeakReference::get).containsOnlyNulls();
                });
    }

    @Test
    void reloadsOneOfManyFilesQuickly() throws IOException {
        for (int i = 0; i < 300; i++) {
            Files.writeString(folder.resolve("r" + i + ".groovy"), text(i).replace("'a'", "'r" + i + "'"));
        }
        RunbookRegistry registry = new RunbookRegistry();
        try (RunbookFolder watched = new RunbookFolder(folder, Loading.loader(), registry, Clock.systemUTC())) {
            watched.reloadNow();
            Runbook other = registry.find("r7").orElseThrow();
            Files.writeString(folder.resolve("r5.groovy"), text(5_000).replace("'a'", "'r5'"));

            watched.reloadNow();

            assertThat(registry.find("r5").orElseThrow().description()).isEqualTo("version 5000");
            assertThat(registry.find("r7")).containsSame(other);
        }
    }
}
