package io.watchkeeper.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout of its own, with a Maven that notes it was called and a Java that prints its arguments. */
class LauncherTest {

    private static final Path LAUNCHER = Path.of("bin/watchkeeper").toAbsolutePath();
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private Path checkout;
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void makeCheckout() throws IOException {
        checkout = folder.resolve("check out");
        Files.createDirectories(checkout.resolve("agent/bin"));
        Files.copy(LAUNCHER, checkout.resolve("agent/bin/watchkeeper"));
        makeExecutable(checkout.resolve("agent/bin/watchkeeper"));
        for (String source : List.of("pom.xml", "agent/pom.xml", "agent/src/main/java/Agent.java")) {
            Files.createDirectories(checkout.resolve(source).getParent());
            Files.createFile(checkout.resolve(source));
            Files.setLastModifiedTime(checkout.resolve(source), FileTime.from(EPOCH));
        }
        program(folder.resolve("maven/mvn"), """
                echo called >>'%s/maven.log'
                sleep 0.3
                mkdir -p agent/target
                touch agent/target/watchkeeper.jar
                """.formatted(folder));
        environment.put("JAVA_HOME", javaHome("17.0.15").toString());
        environment.put("PATH", folder.resolve("maven") + ":/usr/bin:/bin");
    }

    @Test
    void buildsOnFirstUseAndNotAgain() throws Exception {
        Outcome first = run("status", "--json");
        Outcome second = run("status");

        assertThat(first.errors()).contains("building Watchkeeper (first use, about a minute)");
        assertThat(first.output())
                .endsWith("-jar " + checkout.resolve("agent/target/watchkeeper.jar") + " status --json\n");
        assertThat(second.errors()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsOnceWhenTwoStartAtTheSameTime() throws Exception {
        Process one = start(command("one"));
        Process two = start(command("two"));

        assertThat(outcome(one).status()).isZero();
        assertThat(outcome(two).status()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsAgainWhenASourceChanged() throws Exception {
        run("list");
        Files.setLastModifiedTime(
                checkout.resolve("agent/src/main/java/Agent.java"),
                FileTime.fromMillis(Files.getLastModifiedTime(checkout.resolve("agent/target/.built"))
                                .toMillis()
                        + 1000));

        assertThat(run("list").errors()).contains("building Watchkeeper (sources changed)");
    }

    @Test
    void doesNotBuildForeverWhenTheBuildFindsNothingToDo() throws Exception {
        run("list");
        Files.setLastModifiedTime(
                checkout.resolve("agent/target/watchkeeper.jar"), FileTime.from(EPOCH.minusSeconds(9)));

        assertThat(run("list").errors()).isEmpty();
    }

    @Test
    void leavesNoImageOfItsMemoryBehind() throws Exception {
        run("list");
        Path java = Path.of(environment.get("JAVA_HOME"), "bin/java");
        program(java, "ulimit -S -c; printf '%s\\n' \"$*\"");

        Outcome outcome = run("agent");

        assertThat(outcome.output()).startsWith("0\n");
        assertThat(outcome.output()).contains("-XX:-CreateCoredumpOnCrash", "-XX:-HeapDumpOnOutOfMemoryError");
        assertThat(Files.readString(Path.of("../systemd/watchkeeper.service"))).contains("\nLimitCORE=0\n");
    }

    /** An error would end whichever thread asks for memory next, and the agent would go on without its watches. */
    @Test
    void anAgentWithoutMemoryEndsAndACommandFails() throws Exception {
        run("list");

        for (List<String> agent : List.of(List.of("agent"), List.of("--config", "x.yaml", "agent"), List.of("demo"))) {
            assertThat(run(agent.toArray(String[]::new)).output())
                    .contains(" -XX:+ExitOnOutOfMemoryError ")
                    .endsWith(" " + String.join(" ", agent) + "\n");
        }
        assertThat(run("copy", "--table", "agents").output()).doesNotContain("ExitOnOutOfMemoryError");
    }

    /** What somebody asks of it by hand, with jcmd, nobody else may read. */
    @Test
    void aHeapDumpIsItsOwnersAlone() throws Exception {
        Path real = Path.of(System.getProperty("java.home"), "bin/java");
        Path dump = folder.resolve("heap.hprof");
        Files.writeString(folder.resolve("Full.java"), """
                public class Full {
                    public static void main(String[] a) {
                        byte[][] all = new byte[100][];
                        for (int i = 0; i < 100; i++) all[i] = new byte[1 << 20];
                        System.out.println(all.length);
                    }
                }
                """);
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "umask 000; exec \"$0\" \"$@\"",
                        real.toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-XX:+HeapDumpOnOutOfMemoryError",
                        "-XX:HeapDumpPath=" + dump,
                        folder.resolve("Full.java").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();

        assertThat(dump).as(output).exists();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dump)))
                .isEqualTo("rw-------");
    }

    @Test
    void runsWhatIsBuiltWithoutMaven() throws Exception {
        run("list");
        Files.setLastModifiedTime(checkout.resolve("pom.xml"), FileTime.from(EPOCH.plusSeconds(1_000_000_000)));
        environment.put("PATH", programsWithout("mvn"));

        Outcome outcome = run("list");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.output()).endsWith(" list\n");
    }

    @Test
    void saysWhatToInstallWhenThereIsNothingToBuildWith() throws Exception {
        environment.put("PATH", programsWithout("mvn"));

        Outcome outcome = run("list");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("Maven is not installed").contains("HINT: apt-get install maven");
    }

    @Test
    void stopsWhenTheBuildFails() throws Exception {
        program(folder.resolve("maven/mvn"), "echo 'Agent.java:[7,3] cannot find symbol'; exit 1");

        Outcome outcome = run("list", "--json");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors()).contains("cannot find symbol").contains("the build failed\n    HINT: ");
    }

    @Test
    void findsItselfThroughSymbolicLinksFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("wk"), checkout.resolve("agent/bin/watchkeeper"));
        Path linkToLink = Files.createSymbolicLink(folder.resolve("wk2"), link);

        Outcome outcome = run(List.of(linkToLink.toString(), "run", "a b.groovy"));

        assertThat(outcome.output())
                .endsWith("-jar " + checkout.resolve("agent/target/watchkeeper.jar") + " run a b.groovy\n");
    }

    @Test
    void becomesTheJvmSoThatSignalsReachIt() throws Exception {
        Path home = javaHome("17.0.15");
        program(home.resolve("bin/java"), "echo $$");

        Process process = start(command("agent"));

        assertThat(outcome(process).output()).isEqualTo(process.pid() + "\n");
    }

    @Test
    void passesOverAJavaThatIsTooOld() throws Exception {
        environment.put("JAVA_HOME", javaHome("11.0.2").toString());
        Path newer = javaHome("21.0.1");
        environment.put("PATH", newer.resolve("bin") + ":" + environment.get("PATH"));

        assertThat(run("list").output()).startsWith("21.0.1 ");
    }

    @Test
    void usesTheClassArchiveOfExactlyThisJava() throws Exception {
        run("list");
        Path other = Files.createFile(checkout.resolve("agent/target/watchkeeper-17.0.14+9.jsa"));
        assertThat(run("list").output()).contains(" -Xshare:auto ").doesNotContain(other.toString());

        Path archive = Files.createFile(checkout.resolve("agent/target/watchkeeper-17.0.15+1.jsa"));
        assertThat(run("list").output()).contains(" -XX:SharedArchiveFile=" + archive + " ");
    }

    @Test
    void letsTheSecondCompilerWaitForAllButCiphers() throws Exception {
        for (String command : List.of("agent", "copy")) {
            assertThat(run(command).output())
                    .contains(
                            " -XX:Tier4InvocationThreshold=100000 ",
                            " -XX:CompileCommand=CompileThresholdScaling,com.sun.crypto.provider.*::*,0.05 ")
                    .doesNotContain("TieredStopAtLevel");
        }
    }

    /** On the Java of this build. */
    @Test
    void hasOptionsThatJavaKnows() throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        Stream.of(run("agent").output().split(" ", -1))
                .filter(word -> word.startsWith("-XX:") && !word.contains("Shared"))
                // What the first is there for is the second, which early builds lack; nothing else may be unknown.
                .filter(word ->
                        !word.contains("IgnoreUnrecognizedVMOptions") && !word.contains("TrimNativeHeapInterval"))
                .forEach(command::add);
        command.add("-version");
        Process java = new ProcessBuilder(command)
                .directory(checkout.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(java.waitFor()).as(said).isZero();
        assertThat(said).doesNotContainIgnoringCase("warning", "unrecognized", "CompileCommand");
    }

    @Test
    void makesAnArchiveOfTheClassesInAList() throws Exception {
        run("list");
        Files.createFile(checkout.resolve("agent/target/watchkeeper-17.0.15+1.jsa"));

        environment.put("WATCHKEEPER_CLASS_LIST", "/tmp/a list");
        assertThat(run("agent").output())
                .contains(" -Xshare:off -XX:DumpLoadedClassList=/tmp/a list ")
                .doesNotContain("SharedArchiveFile");

        environment.put("WATCHKEEPER_CLASS_ARCHIVE", "/var/cache/watchkeeper");
        assertThat(run("agent").output())
                .contains(" -Xshare:dump -XX:SharedArchiveFile=/var/cache/watchkeeper/watchkeeper-17.0.15+1.jsa.new "
                        + "-XX:SharedClassListFile=/tmp/a list ")
                .contains("-XX:+UseG1GC")
                .doesNotContain("UseSerialGC");
    }

    @Test
    void runsFromTheInstalledLayout() throws Exception {
        Path installed = folder.resolve("usr/share/watchkeeper");
        Files.createDirectories(installed.resolve("bin"));
        Files.copy(LAUNCHER, installed.resolve("bin/watchkeeper"));
        makeExecutable(installed.resolve("bin/watchkeeper"));
        Files.createFile(installed.resolve("watchkeeper.jar"));

        Outcome outcome = run(List.of(installed.resolve("bin/watchkeeper").toString(), "status"));

        assertThat(outcome.output()).endsWith("-jar " + installed.resolve("watchkeeper.jar") + " status\n");
        assertThat(builds()).isZero();
    }

    @Test
    void givesTheJvmUnicodeWhereTheEnvironmentHasNoLocale() throws Exception {
        program(javaHome("17.0.15").resolve("bin/java"), "echo ${LC_ALL:-unset}");

        assertThat(run("list").output()).isEqualTo("C.UTF-8\n");
        environment.put("LANG", "ko_KR.UTF-8");
        assertThat(run("list").output()).isEqualTo("unset\n");
    }

    private record Outcome(int status, String output, String errors) {}

    private Outcome run(String... arguments) throws Exception {
        return run(command(arguments));
    }

    private Outcome run(List<String> command) throws Exception {
        return outcome(start(command));
    }

    private List<String> command(String... arguments) {
        return Stream.concat(Stream.of(checkout.resolve("agent/bin/watchkeeper").toString()), Stream.of(arguments))
                .toList();
    }

    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(new java.io.File("/"));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Outcome outcome(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), output, errors);
    }

    private long builds() throws IOException {
        Path log = folder.resolve("maven.log");
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    private Path javaHome(String version) throws IOException {
        Path home = folder.resolve("java-" + version);
        program(home.resolve("bin/java"), "echo " + version + " \"$@\"");
        program(home.resolve("bin/javac"), "exit 0");
        Files.writeString(home.resolve("release"), """
                JAVA_RUNTIME_VERSION="%s+1"
                JAVA_VERSION="%s"
                """.formatted(version, version));
        return home;
    }

    /** A folder with what the launcher calls, and nothing else. */
    private String programsWithout(String absent) throws IOException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        for (String name : List.of("sh", "sed", "find", "readlink", "dirname", "flock", "touch", "uname", "mvn")) {
            if (!name.equals(absent)) {
                program(programs.resolve(name), "exec /usr/bin/" + name + " \"$@\"");
            }
        }
        return programs.toString();
    }

    private static void program(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script.lines().collect(Collectors.joining("\n", "", "\n")));
        makeExecutable(file);
    }

    private static void makeExecutable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
