package io.watchkeeper.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as its launcher starts it, with the launcher's memory settings, on values as large as PostgreSQL's users make them. */
class LargeValuesTest {

    private static final long ALLOWED_KILOBYTES = 200 * 1024;

    @TempDir
    Path folder;

    @Test
    @Tag("campaign")
    void valuesOfAHundredMegabytesNeedNoMoreMemoryThanOthers() throws Exception {
        TestHost host = new TestHost(folder);
        String ddl = "create table large (id int primary key, raw bytea, doc text);"
                + " alter table large alter raw set storage external, alter doc set storage external";
        host.onShore(ddl);
        host.onShip(ddl);
        host.onShore("insert into large select 1, decode(repeat(md5('a') || md5('b'), 100 * 32768), 'hex'), 'small';"
                + " insert into large select 2, '\\x00', repeat('Schiffstagebuch ', 100 * 65536)");
        assertThat(TestHost.ask(
                        TestServers.shore(), host.shoreDatabase(), "select sum(length(raw) + length(doc)) from large"))
                .isEqualTo("209715206");

        Program copy = start(host, "copy", "--from", "shore", "--to", "ship", "--table", "large");
        long peak = copy.peakKilobytesUntilItEnds();

        assertThat(copy.process.exitValue()).as(copy.output()).isZero();
        assertThat(peak).isLessThanOrEqualTo(ALLOWED_KILOBYTES).isGreaterThan(ALLOWED_KILOBYTES / 10);
        String digest = "select string_agg(md5(raw) || md5(doc), ' ' order by id) from large";
        assertThat(TestHost.ask(TestServers.ship(), host.shipDatabase(), digest))
                .isEqualTo(TestHost.ask(TestServers.shore(), host.shoreDatabase(), digest));
    }

    private record Program(Process process, Path log) {

        /** The kernel remembers the largest size so far, so looking now and then misses only the very last moment. */
        long peakKilobytesUntilItEnds() throws IOException, InterruptedException {
            long peak = 0;
            while (!process.waitFor(5, TimeUnit.MILLISECONDS)) {
                peak = Math.max(peak, peakSoFar());
            }
            return peak;
        }

        private long peakSoFar() throws IOException {
            try {
                return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
            } catch (IOException e) {
                if (process.isAlive()) {
                    throw e;
                }
                return 0;
            }
        }

        String output() throws IOException {
            return Files.readString(log);
        }
    }

    /** The launcher beside a jar that names the classes under test, as it is beside the real one where the package is installed. */
    private Program start(TestHost host, String... arguments) throws IOException {
        Path launcher = folder.resolve("installed/bin/watchkeeper");
        Files.createDirectories(launcher.getParent());
        Files.copy(Path.of("bin/watchkeeper"), launcher);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "io.watchkeeper.AgentMain");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(folder.resolve("installed/watchkeeper.jar")), manifest).close();

        Path log = folder.resolve("copy.log");
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", launcher.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.command().addAll(Arrays.asList(arguments));
        builder.environment().put("WATCHKEEPER_CONFIG", host.config().toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new Program(builder.start(), log);
    }
}
