package io.watchkeeper.toolkit.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConnInfoTest {

    @Test
    void readsQuotesAndBlanksAsLibpqDoes() {
        ConnInfo info = ConnInfo.parse(" host=h  password = 'it\\'s \\\\ me' user='a b' empty='' port=5432 ");

        assertThat(info.word("password")).hasValue("it's \\ me");
        assertThat(info.word("user")).hasValue("a b");
        assertThat(info.word("empty")).hasValue("");
        assertThat(ConnInfo.parse(info.text()).text()).isEqualTo(info.text());
        assertThat(info).hasToString("[host, password, user, empty, port]");
    }

    @Test
    void leadsToAnotherServer() {
        String text = ConnInfo.parse("user=u host=old hostaddr=10.0.0.1 port=1 application_name=x passfile='/p w'")
                .leadingTo("[fd00::2]:5433", "shore")
                .text();

        assertThat(text).isEqualTo("user='u' host='fd00::2' port='5433' application_name='shore' passfile='/p w'");
    }

    @Test
    void anAddressIsRefused() {
        assertThatThrownBy(() -> ConnInfo.parse("postgresql://u@h/d")).hasMessageContaining("as an address");
        assertThatThrownBy(() -> ConnInfo.parse("host")).hasMessageContaining("no '='");
    }
}
