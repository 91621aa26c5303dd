package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.problem.OperatorException;
import java.io.EOFException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureClassTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08001", "08006", "08P01", "25006", "25P03", "40001", "40P01", "53100", "53300", "55006", "55P03",
                "57P01", "57P02", "57P03", "58030"
            })
    void anotherAttemptIsWorthIt(String state) {
        assertThat(FailureClass.of(new SQLException("x", state))).isEqualTo(FailureClass.RETRYABLE);
    }

    @ParameterizedTest
    @CsvSource({"42P01", "42501", "23505", "28P01", "3D000", "57P04", "22001", "XX000", "P0001"})
    void anotherAttemptFailsTheSameWay(String state) {
        assertThat(FailureClass.of(new SQLException("x", state))).isEqualTo(FailureClass.PERMANENT);
    }

    @Test
    void cancelledStatementsAndWorkAreCancelled() {
        assertThat(FailureClass.of(new SQLException("x", "57014"))).isEqualTo(FailureClass.CANCELLED);
        assertThat(FailureClass.of(new IllegalStateException(new WorkCancelledException("stop"))))
                .isEqualTo(FailureClass.CANCELLED);
    }

    @Test
    void theServersOwnWordsCountMoreThanWhatIsWrappedAroundThem() {
        SQLException pool =
                new SQLTransientConnectionException("no connection", null, new SQLException("wrong password", "28P01"));

        assertThat(FailureClass.of(new OperatorException("cannot connect", null, pool)))
                .isEqualTo(FailureClass.PERMANENT);
        assertThat(FailureClass.sqlState(pool)).contains("28P01");
    }

    @Test
    void aLostConnectionWithoutAnySqlStateIsRetryable() {
        assertThat(FailureClass.of(new IllegalStateException(new EOFException())))
                .isEqualTo(FailureClass.RETRYABLE);
        assertThat(FailureClass.of(new SQLTransientConnectionException("timeout")))
                .isEqualTo(FailureClass.RETRYABLE);
    }

    @Test
    void whatAnOperatorMustChangeIsPermanent() {
        assertThat(FailureClass.of(new OperatorException("no such table", "name one")))
                .isEqualTo(FailureClass.PERMANENT);
    }

    @Test
    void circularCausesEnd() {
        SQLException first = new SQLException("a");
        IllegalStateException second = new IllegalStateException(first);
        first.initCause(second);

        assertThat(FailureClass.of(first)).isEqualTo(FailureClass.PERMANENT);
    }
}
