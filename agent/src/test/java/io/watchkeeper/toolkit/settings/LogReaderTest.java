package io.watchkeeper.toolkit.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Work;
import io.watchkeeper.toolkit.settings.LogPositions.Reading;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as servers, rotation and broken disks leave them. */
class LogReaderTest {

    private static final String PREFIX = "%m [%p] %q%u@%d/%a ";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private Optional<Reading> before = Optional.empty();
    private long skipped;
    private Set<String> passedOver = Set.of();

    private List<LogEntry> read(LogFormat format) throws Exception {
        return read(format, 1 << 26);
    }

    /** As each run does: from where the last one got to. */
    private List<LogEntry> read(LogFormat format, long budget) throws Exception {
        List<LogEntry> entries = new ArrayList<>();
        UnzippedLogFolder unzipped = new UnzippedLogFolder(
                new LocalLogFolder(folder, Pattern.compile("pg.*\\.(log|csv|json)(\\.\\d+)?(\\.gz)?")),
                NOW.minusSeconds(86_400));
        LogReader reader = new LogReader(unzipped, Work.unattended("test"));
        reader.read(
                before, NOW.minusSeconds(86_400), budget, format.parser(PREFIX, ZoneOffset.ofHours(9), entries::add));
        before = Optional.of(new Reading(NOW, reader.reached()));
        skipped = reader.skipped();
        passedOver = unzipped.passedOver();
        return entries;
    }

    private List<String> messages(LogFormat format) throws Exception {
        return read(format).stream().map(LogEntry::message).toList();
    }

    private Path append(String name, String text) throws Exception {
        return append(name, text, StandardCharsets.UTF_8);
    }

    private Path append(String name, String text, Charset charset) throws Exception {
        return Files.write(
                folder.resolve(name), text.getBytes(charset), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String line(int second, String rest) {
        return String.format("2026-03-01 20:59:%02d.123 KST [77] app@main/batch %s\n", second, rest);
    }

    @Test
    void entryOfSeveralLinesIsOne() throws Exception {
        append(
                "pg.log",
                line(1, "ERROR:  first\n\tand its second line")
                        + line(1, "DETAIL:  ERROR:  is only quoted here")
                        + line(1, "STATEMENT:  select 1,\n\t2 /* FATAL:  not one */")
                        + "2026-03-01 20:59:02.000 KST [5] LOG:  checkpoints are occurring too frequently (2 seconds apart)\n"
                        + line(3, "FATAL:  last"));

        List<LogEntry> entries = read(LogFormat.PLAIN);

        assertThat(entries)
                .extracting(LogEntry::severity)
                .containsExactly(LogSeverity.ERROR, LogSeverity.LOG, LogSeverity.FATAL);
        assertThat(entries.get(0).message()).isEqualTo("first\nand its second line");
        assertThat(entries.get(0).statement()).isEqualTo("select 1,\n2 /* FATAL:  not one */");
        // The zone's abbreviation is ambiguous; log_timezone is not.
        assertThat(entries.get(0).at()).isEqualTo(Instant.parse("2026-03-01T11:59:01.123Z"));
    }

    @Test
    void lineThatIsNotWholeIsLeftForTheNextTime() throws Exception {
        append("pg.log", line(1, "ERROR:  one") + "2026-03-01 20:59:02.000 KST [7] app@ma");
        assertThat(messages(LogFormat.PLAIN)).containsExactly("one");
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
        append("pg.log", "in/x ERROR:  two\n");
        assertThat(messages(LogFormat.PLAIN)).containsExactly("two");
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
    }

    @Test
    void recordOfCsvThatIsNotWholeIsLeftForTheNextTime() throws Exception {
        append(
                "pg.csv",
                csv("22012", "division by zero")
                        + "2026-03-01 20:59:09.000 KST,\"u\",\"d\",7,,x,1,\"SELECT\",t,,0,ERROR,\"23505\",\"half\na");
        assertThat(messages(LogFormat.CSV)).containsExactly("division by zero");
        append("pg.csv", "nd \"\"half\"\", together\",,,,,,\"select 1\",,,\"app\",\"client backend\",,0\n");
        List<LogEntry> rest = read(LogFormat.CSV);
        assertThat(rest).singleElement().satisfies(entry -> {
            assertThat(entry.message()).isEqualTo("half\nand \"half\", together");
            assertThat(entry.sqlState()).isEqualTo("23505");
            assertThat(entry.statement()).isEqualTo("select 1");
        });
    }

    private static String csv(String state, String message) {
        return "2026-03-01 20:59:01.000 KST,\"u\",\"d\",7,\"[local]\",x,1,\"SELECT\",2026-03-01 20:00:00 KST,3/4,0,ERROR,"
                + state + ",\"" + message + "\",,,,,,\"select 1/0\",,,\"app\"\n";
    }

    @Test
    void renamedFileIsReadToItsEndAndTheNewOneFromItsBeginning() throws Exception {
        append("pg.log", line(1, "ERROR:  one"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("one");
        append("pg.log", line(2, "ERROR:  two"));
        Files.move(folder.resolve("pg.log"), folder.resolve("pg.log.1"));
        Files.setLastModifiedTime(folder.resolve("pg.log.1"), FileTime.from(NOW.minusSeconds(60)));
        append(
                "pg.log",
                line(3, "ERROR:  three, in a file that is larger than the one before it was when it was read"));
        assertThat(messages(LogFormat.PLAIN)).hasSize(2).first().isEqualTo("two");
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
    }

    private void zip(String name) throws Exception {
        Path file = folder.resolve(name);
        FileTime modified = Files.getLastModifiedTime(file);
        Path zipped = folder.resolve(name + ".gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            out.write(Files.readAllBytes(file));
        }
        Files.setLastModifiedTime(zipped, modified);
        Files.delete(file);
    }

    @Test
    void compressedFileIsReadToItsEndAndNotTwice() throws Exception {
        append("pg.log", line(1, "ERROR:  one"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("one");
        append("pg.log", line(2, "ERROR:  two"));
        Files.move(folder.resolve("pg.log"), folder.resolve("pg.log.1"));
        Files.setLastModifiedTime(folder.resolve("pg.log.1"), FileTime.from(NOW.minusSeconds(60)));
        zip("pg.log.1");
        append("pg.log", line(3, "ERROR:  three"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("two", "three");
        Files.move(folder.resolve("pg.log.1.gz"), folder.resolve("pg.log.2.gz"));
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
        assertThat(passedOver).isEmpty();
    }

    @Test
    void longCompressedFileIsReadInPiecesAndOfTooMuchTheEnd() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 60_000; i++) {
            many.append(line(i % 60, "ERROR:  number " + i));
        }
        append("pg.log.1", many.toString());
        zip("pg.log.1");
        assertThat(messages(LogFormat.PLAIN)).hasSize(60_000).endsWith("number 59999");
        before = Optional.empty();
        assertThat(read(LogFormat.PLAIN, 100).stream().map(LogEntry::message)).containsExactly("number 59999");
        assertThat(skipped).isGreaterThan(1_000_000);
    }

    @Test
    void compressedFileThatIsNotWholeIsSaidAndKeepsNoOtherFromBeingRead() throws Exception {
        append("pg.log.1", line(1, "ERROR:  one").repeat(1_000));
        zip("pg.log.1");
        byte[] whole = Files.readAllBytes(folder.resolve("pg.log.1.gz"));
        Files.write(folder.resolve("pg.log.1.gz"), Arrays.copyOf(whole, whole.length / 2));
        Files.write(folder.resolve("pg.log.2.gz"), new byte[] {1, 2});
        Files.write(folder.resolve("pg.log.3.gz"), new byte[] {1, 2});
        Files.setLastModifiedTime(folder.resolve("pg.log.3.gz"), FileTime.from(NOW.minusSeconds(200_000)));
        append("pg.log", line(2, "ERROR:  two"));

        assertThat(messages(LogFormat.PLAIN)).contains("two");

        // Of the third nothing new was missed.
        assertThat(passedOver).containsExactly("pg.log.1.gz (no whole gzip file)", "pg.log.2.gz (no whole gzip file)");
    }

    @Test
    void fileThatIsBeingCompressedIsReadOnce() throws Exception {
        append("pg.log.1", line(1, "ERROR:  one"));
        zip("pg.log.1");
        append("pg.log.1", line(1, "ERROR:  one"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("one");
    }

    @Test
    void compressedFileOfSeveralPartsIsSaidNotToBeReadWhole() throws Exception {
        append("pg.log.1", line(1, "ERROR:  one"));
        zip("pg.log.1");
        byte[] one = Files.readAllBytes(folder.resolve("pg.log.1.gz"));
        Files.write(folder.resolve("pg.log.1.gz"), one, StandardOpenOption.APPEND);
        assertThat(messages(LogFormat.PLAIN)).containsExactly("one");
        assertThat(passedOver).singleElement().asString().startsWith("pg.log.1.gz (from where");
    }

    @Test
    void truncatedFileIsReadFromItsBeginning() throws Exception {
        append("pg.log", line(1, "ERROR:  one") + line(2, "ERROR:  two"));
        assertThat(messages(LogFormat.PLAIN)).hasSize(2);
        Files.write(folder.resolve("pg.log"), new byte[0]);
        append("pg.log", line(3, "ERROR:  three"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("three");
        // Written over with more than was there before: the size does not tell.
        Files.write(folder.resolve("pg.log"), new byte[0]);
        append("pg.log", line(4, "ERROR:  four") + line(5, "ERROR:  five"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("four", "five");
    }

    @Test
    void firstLookPassesOverOldFilesForGood() throws Exception {
        Path old = append("pg-1.log", line(1, "ERROR:  old"));
        Files.setLastModifiedTime(old, FileTime.from(NOW.minusSeconds(200_000)));
        append("pg-2.log", line(2, "ERROR:  new"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("new");
        append("pg-3.log", line(3, "ERROR:  newer"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("newer");
    }

    @Test
    void ofTooMuchTheEndIsRead() throws Exception {
        append("pg-1.log", line(1, "ERROR:  passed over"));
        Files.setLastModifiedTime(folder.resolve("pg-1.log"), FileTime.from(NOW.minusSeconds(60)));
        append("pg-2.log", line(2, "ERROR:  cut") + line(3, "ERROR:  whole"));
        assertThat(read(LogFormat.PLAIN, line(3, "ERROR:  whole").length() + 5))
                .extracting(LogEntry::message)
                .containsExactly("whole");
        assertThat(skipped).isPositive();
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
    }

    @Test
    void linesOfOtherEncodingsKeepTheirEnglish() throws Exception {
        append("pg.log", line(1, "ERROR:  relation \"Bücher\" does not exist"), StandardCharsets.ISO_8859_1);
        append("pg.log", line(2, "ERROR:  \"문서\" 없음"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("relation \"Bücher\" does not exist", "\"문서\" 없음");
    }

    @Test
    void severitiesInKoreanAreUnderstood() throws Exception {
        append("pg.log", line(1, "오류:  0으로는 나눌수 없습니다.") + line(1, "명령 구문:  select 1/0"));
        assertThat(read(LogFormat.PLAIN)).singleElement().satisfies(entry -> {
            assertThat(entry.severity()).isEqualTo(LogSeverity.ERROR);
            assertThat(entry.statement()).isEqualTo("select 1/0");
        });
    }

    @Test
    void damagedLinesDoNotKeepTheOthersFromBeingRead() throws Exception {
        append("pg.json", "\u0000\u0000\u0000\n{\"error_severity\":\n");
        append(
                "pg.json",
                "{\"timestamp\":\"2026-03-01 20:59:01.000 KST\",\"error_severity\":\"ERROR\",\"state_code\":\"22012\",\"message\":\"x\"}\n");
        assertThat(messages(LogFormat.JSON)).containsExactly("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "%m [%p] | 2026-03-01 20:59:01.123 KST [7] ERROR:  x | true |",
                "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h | 2026-03-01 20:59:01 KST [7]: [3-1] user=a,db=b,app=c d,client=::1 ERROR:  x | true |",
                "< %m %e > | < 2026-03-01 20:59:01.123 KST 22012 > ERROR:  x | true | 22012",
                "%n:%e:%p | 1772366341.123:22012:7 ERROR:  x | true | 22012",
                "[%p] | [7] ERROR:  x | false |",
                "%m [%p] | an old prefix, app ERROR:  x | false |",
                "%m [%-6p] %q%u@%d | 2026-03-01 20:59:01.123 KST [7     ] a@b ERROR:  x | true |",
            })
    void prefixesAreReadAsTheyAreSet(String prefix, String line, boolean timed, String state) {
        List<LogEntry> entries = new ArrayList<>();
        LogParser parser = LogFormat.PLAIN.parser(prefix + " ", ZoneOffset.ofHours(9), entries::add);
        parser.line(line);
        parser.end();
        assertThat(entries).singleElement().satisfies(entry -> {
            assertThat(entry.message()).isEqualTo("x");
            assertThat(entry.at() != null).isEqualTo(timed);
            assertThat(entry.sqlState()).isEqualTo(state == null ? "" : state);
        });
    }

    @Test
    void namesOfFilesFollowTheSetting() {
        assertThat("postgresql-2026-03-01.csv").matches(LogSource.names("postgresql-%Y-%m-%d.log", LogFormat.CSV));
        assertThat("postgresql-2026-03-01.log")
                .doesNotMatch(LogSource.names("postgresql-%Y-%m-%d.log", LogFormat.CSV))
                .matches(LogSource.names("postgresql-%Y-%m-%d.log", LogFormat.PLAIN));
        assertThat("postgresql-2026-03-01.csv.gz").matches(LogSource.names("postgresql-%Y-%m-%d.log", LogFormat.CSV));
        assertThat("other.log").doesNotMatch(LogSource.names("postgresql-%a.log", LogFormat.PLAIN));
    }

    @Test
    void samplesHoldNoSecretsAndStatementsNoValues() {
        assertThat(LogSample.ofStatement("alter role app password 'geheim'")).doesNotContain("geheim");
        assertThat(LogSample.ofStatement("select * from t where name = 'Kim' and pw = $$x$$"))
                .doesNotContain("Kim")
                .doesNotContain("$x$");
        assertThat(LogSample.ofMessage("could not connect: postgres://app:geheim@10.0.0.1/db"))
                .doesNotContain("geheim");
        assertThat(LogSample.ofMessage("invalid option password=geheim, host=x"))
                .doesNotContain("geheim");
        assertThat(LogSample.ofMessage("password authentication failed for user \"app\""))
                .isEqualTo("password authentication failed for user \"app\"");
    }

    @Test
    void samplesOfLongStatementsAndMessagesNeedNoStack() {
        String literal = "'" + "it''s ".repeat(20_000) + "'";
        assertThat(LogSample.ofStatement("insert into t values (" + literal + ")"))
                .startsWith("insert into t values (?")
                .doesNotContain("it");
        assertThat(LogSample.ofStatement("alter role app password " + literal)).isEqualTo("alter role app password ?");
        assertThat(LogSample.ofMessage("option password=" + literal + " is wrong"))
                .isEqualTo("option password=[redacted] is wrong");
    }

    @Test
    void statementsAreShownWithoutNumbersAndEscapedTexts() {
        assertThat(LogSample.ofStatement("select * from t where pin = 4711 and name = E'it\\'s Kim'"))
                .isEqualTo("select * from t where pin = ? and name = ?");
        assertThat(LogSample.ofStatement("create user app password E'ge\\'heim'"))
                .isEqualTo("create user app password ?");
        // What nobody quoted, and the server refused.
        assertThat(LogSample.ofStatement("set app.token = geheim")).doesNotContain("geheim");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "duration: 1203.456 ms  statement: select 'invalid page in block 3'",
                "duration: 3.1 ms  plan:\nQuery Text: select 'could not read block 1'",
                "statement: select 'archive command failed'",
                "execute <unnamed>: select 'was terminated by signal'",
                "execute S_1/C_2: select 'deadlock detected'",
                "fastpath function call: \"out of memory\" (OID 1)",
                "실행시간: 3.1 ms  명령 구문: select 'out of memory'",
                "Dauer: 3.1 ms  Anweisung: select 'out of memory'",
                "AUDIT: SESSION,1,1,READ,SELECT,,,select 'No space left on device',<none>",
            })
    void statementsThatAreLoggedAreNoNews(String message) {
        assertThat(LogClass.of(entry(LogSeverity.LOG, message))).isEmpty();
        // What says so itself still is one.
        assertThat(LogClass.of(entry(LogSeverity.ERROR, message))).isPresent();
        assertThat(LogClass.of(entry(LogSeverity.PANIC, message))).contains(LogClass.PANIC);
    }

    @Test
    void otherLinesOfLevelLogAreStillLookedAt() {
        assertThat(LogClass.of(entry(LogSeverity.LOG, "archive command failed with exit code 1")))
                .contains(LogClass.ARCHIVE);
        assertThat(LogClass.of(entry(LogSeverity.LOG, "invalid page in block 3, found by statement: 1")))
                .contains(LogClass.CORRUPTION);
    }

    private static LogEntry entry(LogSeverity severity, String message) {
        return new LogEntry(null, severity, "", message, "");
    }

    @Test
    void oldFileThatIsRenamedLaterIsNotCountedAgain() throws Exception {
        old("pg.log", line(1, "ERROR:  old"));
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
        append("pg.log", line(2, "ERROR:  new"));
        Files.move(folder.resolve("pg.log"), folder.resolve("pg.log.1"));
        Files.setLastModifiedTime(folder.resolve("pg.log.1"), FileTime.from(NOW.minusSeconds(60)));
        append("pg.log", line(3, "ERROR:  in a file that is larger than the one was that was passed over"));
        assertThat(messages(LogFormat.PLAIN))
                .containsExactly("new", "in a file that is larger than the one was that was passed over");
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
    }

    @Test
    void oldFileThatIsWrittenOverLaterIsReadFromItsBeginning() throws Exception {
        old("pg.log", line(1, "ERROR:  old"));
        old("pg-empty.log", "");
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
        Files.write(folder.resolve("pg.log"), new byte[0]);
        append("pg.log", line(2, "ERROR:  two") + line(3, "ERROR:  three"));
        append("pg-empty.log", line(4, "ERROR:  four"));
        assertThat(messages(LogFormat.PLAIN)).containsExactlyInAnyOrder("two", "three", "four");
    }

    @Test
    void oldFileThatGrowsIsReadFromWhereItEnded() throws Exception {
        old("pg.log", line(1, "ERROR:  old"));
        assertThat(messages(LogFormat.PLAIN)).isEmpty();
        append("pg.log", line(2, "ERROR:  new"));
        assertThat(messages(LogFormat.PLAIN)).containsExactly("new");
    }

    private void old(String name, String text) throws Exception {
        Files.setLastModifiedTime(append(name, text), FileTime.from(NOW.minusSeconds(200_000)));
    }
}
