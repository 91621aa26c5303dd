package io.watchkeeper.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.3, 10.1.2.4, false",
        "192.168.4.0/22, 192.168.7.255, true",
        "192.168.4.0/22, 192.168.8.0, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "fd00::/64, fd00::1234, true",
        "fd00::/64, fd00:0:0:1::1, false",
        "10.0.0.0/8, ::ffff:10.0.0.1, true",
        "::1, [::1], true"
    })
    void holdsTheAddressesWithItsBeginning(String network, String address, boolean held) {
        assertThat(Network.parse(network)
                        .orElseThrow()
                        .contains(Network.address(address).orElseThrow()))
                .isEqualTo(held);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "::/129", "localhost", "10.0.0", "300.1.1.1", "10.0.0.0/", "/8", "cafe", "1:2"
            })
    void refusesWhatIsNoNetworkAndLooksNothingUp(String text) {
        assertThat(Network.parse(text)).isEmpty();
    }
}
