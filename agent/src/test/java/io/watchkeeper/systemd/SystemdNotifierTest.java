package io.watchkeeper.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifierTest {

    @TempDir
    Path folder;

    @Test
    void reportsReadyStatusAndStoppingToAPathSocket() {
        try (NotifySocket socket = new NotifySocket(folder.resolve("notify").toString())) {
            SystemdNotifier systemd = SystemdNotifier.fromEnvironment(socket.environment());

            systemd.ready("14 runbooks");
            systemd.status("복사 중");
            systemd.stopping("waiting for 2 runs", Duration.ofSeconds(65));

            assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=14 runbooks");
            assertThat(socket.next()).isEqualTo("STATUS=복사 중");
            assertThat(socket.next()).isEqualTo("STOPPING=1\nSTATUS=waiting for 2 runs\nEXTEND_TIMEOUT_USEC=65000000");
        }
    }

    @Test
    void asksForTheTimeAReloadMayTakeSoThatItIsNotCalledFailed() {
        try (NotifySocket socket = new NotifySocket(folder.resolve("notify").toString())) {
            SystemdNotifier.fromEnvironment(socket.environment()).reloading("new settings", Duration.ofMinutes(12));

            assertThat(socket.next()).isEqualTo("RELOADING=1\nSTATUS=new settings\nEXTEND_TIMEOUT_USEC=720000000");
        }
    }

    @Test
    void reachesAnAbstractSocket() {
        try (NotifySocket socket =
                new NotifySocket("@watchkeeper-test-" + ProcessHandle.current().pid())) {
            SystemdNotifier.fromEnvironment(socket.environment()).heartbeat();

            assertThat(socket.next()).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void keepsAStatusOnOneLineSoThatItCannotSmuggleAnotherMessage() {
        try (NotifySocket socket = new NotifySocket(folder.resolve("notify").toString())) {
            SystemdNotifier.fromEnvironment(socket.environment()).status("failed:\nSTOPPING=1");

            assertThat(socket.next()).isEqualTo("STATUS=failed: STOPPING=1");
        }
    }

    @Test
    void doesNothingWithoutSystemd() {
        SystemdNotifier systemd = SystemdNotifier.fromEnvironment(Map.of());

        assertThat(systemd.isActive()).isFalse();
        assertThatCode(() -> systemd.ready("14 runbooks")).doesNotThrowAnyException();
    }

    @Test
    void outlivesASocketThatNobodyListensOn() {
        String nobody = folder.resolve("gone").toString();

        assertThatThrownBy(() -> UnixDatagram.send(nobody, "READY=1".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(LastErrorException.class);
        assertThatCode(() -> SystemdNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", nobody))
                        .ready("x"))
                .doesNotThrowAnyException();
    }

    @Test
    void ignoresASocketOfAKindItDoesNotKnow() {
        assertThat(SystemdNotifier.fromEnvironment(Map.of("NOTIFY_SOCKET", "vsock:2:1234"))
                        .isActive())
                .isFalse();
    }

    @Test
    void refusesAnAddressTooLongForTheKernel() {
        assertThatThrownBy(() -> UnixDatagram.socketAddress("/" + "x".repeat(107)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("longer than 107 bytes");
    }
}
