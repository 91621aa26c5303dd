package io.watchkeeper.toolkit.standby;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Secret;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandbyPartsTest {

    private static final String OTHERS = "# mine\nlocal all all peer\n\nhost all all ::1/128 trust";

    /** The example of RFC 7677 gives the keys for this password, salt and count of iterations. */
    @Test
    void theVerifierIsTheStandards() {
        String verifier =
                ScramVerifier.of(Secret.of("pencil"), Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="));
        assertThat(verifier)
                .isEqualTo("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                        + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }

    @Test
    void aBlockGoesInAndOutWithoutATrace() {
        HbaBlock block = HbaBlock.of("ship", "replicator", "10.9.0.2", false);
        String with = block.into(OTHERS);
        assertThat(with)
                .contains("host  replication  \"replicator\"  10.9.0.2/32  scram-sha-256\n")
                .endsWith(OTHERS);
        assertThat(block.into(with)).isEqualTo(with);
        assertThat(block.isIn(with)).isTrue();
        assertThat(new HbaBlock("ship", java.util.List.of()).outOf(with)).isEqualTo(OTHERS);
        assertThat(HbaBlock.of("other", "x", "samehost", true).into(with)).contains("10.9.0.2/32", "hostssl");
    }

    @Test
    void aBlockWithoutItsEndTakesNothingElseAlong() {
        HbaBlock block = HbaBlock.of("ship", "replicator", "10.9.0.2", false);
        String broken = block.into(OTHERS).replace("# END standby ship\n", "");
        assertThat(block.outOf(broken)).endsWith(OTHERS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.9.0.2/32",
                "10.9.0.0/16",
                "10.9.0.2",
                "fd00::2",
                "fd00::/64",
                "samehost",
                "samenet",
                "ship-7.fleet",
                ".fleet"
            })
    void knowsAddresses(String from) {
        assertThatCode(() -> HbaBlock.of("ship", "r", from, false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.9.0.2/32 trust", "a b", "10.9.0.2\nhost all all all trust", "#", "\"x\""})
    void refusesWhatIsNoAddress(String from) {
        assertThatThrownBy(() -> HbaBlock.of("ship", "r", from, false)).isInstanceOf(OperatorException.class);
    }

    @Test
    void anAddressOfSeveralHostsBecomesOneConnectionString() {
        DatabaseSettings settings = new DatabaseSettings(
                "shore",
                "jdbc:postgresql://a:5432,[fd00::2]:5433/app?sslmode=verify-full&sslrootcert=/etc/r.pem",
                "w",
                null,
                4,
                null,
                false);
        PrimaryAddress address = PrimaryAddress.of(settings, null, null);
        assertThat(address.toString()).isEqualTo("a:5432,[fd00::2]:5433");
        assertThat(address.conninfo("o'hara", "/var/p", "ship"))
                .startsWith(
                        "host='a,fd00::2' port='5432,5433' user='o\\'hara' passfile='/var/p' application_name='ship'"
                                + " sslmode='verify-full' sslrootcert='/etc/r.pem'");
        assertThat(PrimaryAddress.of(settings, "require", null).requiresTls()).isTrue();
    }

    @Test
    void serversOfTheTimeOfRecoveryConfAreRefused() {
        assertThatThrownBy(() -> PrimaryFacts.requireSignalFiles("old", 110_022))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("'old' is PostgreSQL 11").hasMessageContaining("recovery.conf");
                    assertThat(e.hint()).contains("upgrade");
                });
        assertThatCode(() -> PrimaryFacts.requireSignalFiles("new", 120_000)).doesNotThrowAnyException();
    }

    @Test
    void aStandbysOwnNamesAreNamesToPostgres() {
        StandbyPlan plan = StandbyPlan.of("Ship-7", java.nio.file.Path.of("/a/b"), 5432);
        assertThat(plan.slot()).isEqualTo("watchkeeper_ship_7");
        assertThat(plan.access().role()).isEqualTo("watchkeeper_ship_7");
    }
}
