package io.watchkeeper.toolkit.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where statements begin and end in scripts for psql. */
class ScriptReaderTest {

    private static List<String> texts(String script) {
        return ScriptReader.read(script).statements().stream()
                .map(ScriptStatement::text)
                .toList();
    }

    @Test
    void findsStatementsPastEverythingThatHidesASemicolon() {
        assertThat(texts("""
                -- one; two
                select 'a;''b', E'it\\'s;', "odd;name", $$ ; $$, $x$ $$ ; $x$ /* ; /* ; */ ; */;
                create function f() returns int begin atomic select case when true then 1 end; select 2; end;
                create rule r as on insert to t do also (insert into u values (1); insert into v values (2));
                select 3""")).hasSize(4).satisfies(all -> {
            assertThat(all.get(1)).startsWith("create function").endsWith("end");
            assertThat(all.get(2)).endsWith("values (2))");
            assertThat(all.get(3)).isEqualTo("select 3");
        });
    }

    @Test
    void knowsTheLineOfEach() {
        assertThat(ScriptReader.read("\n\nBEGIN;\n-- x\n  create table t (\n id int);\nCOMMIT;\n")
                        .statements())
                .extracting(ScriptStatement::line)
                .containsExactly(3, 5, 7);
    }

    @Test
    void takesCommandsOfPsqlByTheLine() {
        assertThat(texts("\\set ON_ERROR_STOP on\nselect 1 \\gexec\n\\i other.sql\nselect 2;"))
                .containsExactly("\\set ON_ERROR_STOP on", "select 1", "\\gexec", "\\i other.sql", "select 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"'", "\"", "$$", "/*", "$x$ $", "E'\\", "(((", ")))", ";;;", "\\", "", "begin atomic", "--"})
    void readsWhatIsCutOff(String script) {
        assertThat(ScriptReader.read(script).statements()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void readsWhatScriptsSayOfThemselves() {
        ScriptNotes notes = ScriptNotes.of(
                ScriptReader.read(
                                "-- watchkeeper: contract after fill, other\n-- watchkeeper: allow rewrite\nselect 1;")
                        .comments(),
                null);

        assertThat(notes.phase()).contains(Phase.CONTRACT);
        assertThat(notes.after()).containsExactly("fill", "other");
        assertThat(notes.allowed()).containsExactly("rewrite");
        assertThat(ScriptNotes.of(List.of(), "fills it. watchkeeper: migrate").phase())
                .contains(Phase.MIGRATE);
        assertThat(ScriptReader.read("select '-- watchkeeper: contract'").comments())
                .isEmpty();
    }
}
