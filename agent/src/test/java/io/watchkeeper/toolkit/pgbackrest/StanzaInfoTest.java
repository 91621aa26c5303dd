package io.watchkeeper.toolkit.pgbackrest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.problem.OperatorException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StanzaInfoTest {

    private static final String TWO_BACKUPS = """
            [{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000005","min":"000000010000000000000001"}],
              "backup":[
               {"archive":{"start":"000000010000000000000002","stop":"000000010000000000000003"},
                "backrest":{"format":5,"version":"2.45"},"database":{"id":1,"repo-key":1},"error":false,
                "info":{"delta":22992589,"repository":{"delta":3043481,"size":3043481},"size":22992589},
                "label":"20261121-150621F","lsn":{"start":"0/2000028","stop":"0/3000050"},"prior":null,"reference":null,
                "timestamp":{"start":1795273581,"stop":1795273584},"type":"full"},
               {"archive":{"start":"000000010000000000000004","stop":"000000010000000000000005"},
                "backrest":{"format":5,"version":"2.45"},"database":{"id":1,"repo-key":1},"error":true,
                "info":{"delta":8458,"repository":{"delta":432,"size":3043483},"size":22992589},
                "label":"20261121-150621F_20261121-150625I","lsn":{"start":"0/4000028","stop":"0/5000050"},
                "prior":"20261121-150621F","reference":["20261121-150621F"],
                "timestamp":{"start":1795273585,"stop":1795273586},"type":"incr"}],
              "cipher":"none","db":[{"id":1,"repo-key":1,"system-id":7710641307481744551,"version":"15"}],"name":"main",
              "repo":[{"cipher":"aes-256-cbc","key":1,"status":{"code":0,"message":"ok"}}],
              "status":{"code":0,"lock":{"backup":{"held":true}},"message":"ok"}}]
            """;

    @Test
    void readsBackupsArchiveAndLock() {
        StanzaInfo info = StanzaInfo.parse(TWO_BACKUPS, "main");

        assertThat(info.busy()).isTrue();
        assertThat(info.isUsable()).isTrue();
        assertThat(info.repos()).containsExactly(new StanzaInfo.Repo(1, "aes-256-cbc", 0, "ok"));
        assertThat(info.archive(1).orElseThrow().last()).isEqualTo("000000010000000000000005");
        assertThat(info.cluster().orElseThrow().systemId()).isEqualTo("7710641307481744551");
        StanzaBackup full = info.backups().get(0);
        assertThat(full.type()).isEqualTo(StanzaBackup.Type.FULL);
        assertThat(full.start()).isEqualTo(new Lsn(0x2000028));
        assertThat(full.finishedAt()).isEqualTo(Instant.ofEpochSecond(1795273584));
        assertThat(full.repoBytes()).isEqualTo(3043481);
        assertThat(full.damagedPages()).isFalse();
        StanzaBackup incremental = info.backups().get(1);
        assertThat(incremental.fullLabel()).isEqualTo(full.label());
        assertThat(incremental.references()).containsExactly(full.label());
        assertThat(incremental.damagedPages()).isTrue();
    }

    @Test
    void leavesOpenWhatAnotherVersionDoesNotSay() {
        String old = """
                [{"archive":[{"database":{"id":1},"id":"9.6-1","max":null,"min":null}],
                  "backup":[{"archive":{"start":null,"stop":null},"backrest":{"format":5,"version":"2.10"},"database":{"id":1},
                    "info":{"delta":1,"repository":{"delta":1,"size":null},"size":1},"label":"20200101-000000F","prior":null,
                    "timestamp":{"start":1577836800,"stop":1577836801},"type":"full","later":{"a":[1]}}],
                  "db":[{"id":1,"system-id":1,"version":"9.6"}],"name":"main","status":{"code":0,"message":"ok"}}]
                """;

        StanzaInfo info = StanzaInfo.parse(old, "main");

        assertThat(info.repos()).extracting(StanzaInfo.Repo::key).containsExactly(1);
        assertThat(info.busy()).isFalse();
        StanzaBackup backup = info.backups().get(0);
        assertThat(backup.start()).isNull();
        assertThat(backup.walStart()).isNull();
        assertThat(backup.repoBytes()).isEqualTo(-1);
        assertThat(info.segmentSize()).isEqualTo(16 << 20);
    }

    @Test
    void isMissingWhenTheRepositoryHasNeverHeardOfIt() {
        String missing = """
                [{"archive":[],"backup":[],"cipher":"none","db":[],"name":"mian",
                  "repo":[{"cipher":"none","key":1,"status":{"code":1,"message":"missing stanza path"}}],
                  "status":{"code":1,"lock":{"backup":{"held":false}},"message":"missing stanza path"}}]
                """;

        assertThat(StanzaInfo.parse(missing, "mian").isMissing()).isTrue();
        assertThat(StanzaInfo.parse("[]", "mian").isMissing()).isTrue();
        assertThat(StanzaInfo.parse(TWO_BACKUPS, "main").isMissing()).isFalse();
    }

    @Test
    void isNotUsableWhenARepositoryCannotBeRead() {
        StanzaInfo info = StanzaInfo.parse("""
                [{"name":"main","repo":[{"cipher":"none","key":1,"status":{"code":99,"message":"[FileOpenError] unable"}}],
                  "status":{"code":99,"message":"other"}}]
                """, "main");

        assertThat(info.isUsable()).isFalse();
        assertThat(info.isMissing()).isFalse();
    }

    @Test
    void findsTheSegmentsSizeInPositionsAndNames() {
        String large = TWO_BACKUPS
                .replace("\"start\":\"000000010000000000000002\"", "\"start\":\"000000010000000000000001\"")
                .replace("\"start\":\"0/2000028\"", "\"start\":\"0/4000028\"")
                .replace("\"start\":\"000000010000000000000004\"", "\"start\":\"000000010000000000000003\"")
                .replaceFirst("\"start\":\"0/4000028\",\"stop\":\"0/5", "\"start\":\"0/C000028\",\"stop\":\"0/D");

        assertThat(StanzaInfo.parse(TWO_BACKUPS, "main").segmentSize()).isEqualTo(16 << 20);
        assertThat(StanzaInfo.parse(large, "main").segmentSize()).isEqualTo(64 << 20);
    }

    @Test
    void refusesWhatIsNoAnswer() {
        assertThatThrownBy(() -> StanzaInfo.parse("stanza: main", "main")).isInstanceOf(OperatorException.class);
        assertThatThrownBy(() -> StanzaInfo.parse(TWO_BACKUPS.replace("\"incr\"", "\"delta\""), "main"))
                .hasMessageContaining("type 'delta'");
        assertThat(StanzaInfo.parse(TWO_BACKUPS, "main").backups()).hasSize(2);
        assertThat(List.of(StanzaBackup.Type.values()))
                .extracting(StanzaBackup.Type::word)
                .containsExactly("full", "diff", "incr");
    }
}
