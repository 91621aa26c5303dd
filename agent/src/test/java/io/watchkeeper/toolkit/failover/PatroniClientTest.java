package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import org.junit.jupiter.api.Test;

/** Recorded answers of a real Patroni, see SOURCES.md beside them. */
class PatroniClientTest {

    @Test
    void readsWhoIsAMember() throws Exception {
        assertThat(PatroniClient.members(RecordedPatroni.recorded("cluster.json")))
                .containsExactly(
                        new FailoverMember("patroni1", true, "leader", "running", "10.89.0.4:5432", null),
                        new FailoverMember("patroni2", false, "replica", "streaming", "10.89.0.6:5433", 0L));
    }

    @Test
    void readsOneMember() throws Exception {
        assertThat(PatroniClient.node(RecordedPatroni.recorded("patroni-healthy.json")))
                .isEqualTo(
                        new PatroniClient.Node("demo", "patroni1", "4.0.0", "primary", RecordedPatroni.SYSTEM, false));
        assertThat(PatroniClient.node(RecordedPatroni.recorded("patroni-paused.json"))
                        .paused())
                .isTrue();
        assertThat(PatroniClient.node(RecordedPatroni.recorded("patroni-unlocked.json"))
                        .role())
                .isEqualTo("replica");
    }

    @Test
    void lagThatIsNotKnownIsNone() {
        // Patroni writes so of a member that it does not reach.
        assertThat(PatroniClient.members(
                        "{\"members\": [{\"name\": \"a\", \"role\": \"replica\", \"lag\": \"unknown\"}]}"))
                .singleElement()
                .satisfies(member -> {
                    assertThat(member.lagBytes()).isNull();
                    assertThat(member.address()).isEmpty();
                });
    }

    @Test
    void answersOfOthersAreNoCluster() {
        assertThatThrownBy(() -> PatroniClient.node("{\"status\": \"up\"}"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("not Patroni's");
        assertThatThrownBy(() -> PatroniClient.members("<html>")).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> PatroniClient.members("{}")).hasMessageContaining("not Patroni's");
    }
}
