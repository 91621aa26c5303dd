package io.watchkeeper.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuartzCronTest {

    private final QuartzCron cron = new QuartzCron();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 0/15 * * * ?",
                "0 30 2 * * ?",
                " 0 0 3 L * ? ",
                "0 0 12 ? * MON-FRI",
                "0 0 0 29 2 ?",
                "0 0 0 1 1 ? 2030",
                "0 0 0 1 1 ? 2098-2099"
            })
    void findsNothingWrongWithGoodExpressions(String expression) {
        assertThat(cron.problemOf(expression)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 3 * * * | has 5 fields, not 6 or 7: second minute hour",
                "daily | has 1 field, not 6 or 7",
                "'' | has 0 fields",
                "0 0 25 * * ? | Hour values must be between 0 and 23",
                "0 70 * * * ? | between 0 and 59",
                "0 0 99 * * ? | 99 is out of range",
                "0 0/15,98 * * * ? | 98 is out of range",
                "0 0 0 ? * FRY | Invalid Day-of-Week value: 'FRY'",
                "0 0 0 1 * 2 | names a day of the month and a day of the week; one of the two must be '?'",
                "0 0 0 ? * ? | exactly one of day-of-month and day-of-week is '?'",
                "a b c d e f | is not a cron expression",
                "0 0 0 30 2 ? | never fires",
            })
    void saysWhatIsWrong(String expression, String problem) {
        assertThat(cron.problemOf(expression))
                .hasValueSatisfying(said -> assertThat(said)
                        .contains(problem)
                        .doesNotContain("Exception")
                        .doesNotContain("\n"));
    }

    @Test
    void whatItAcceptsCanBeScheduled() {
        String padded = "  0 0/15 * * * ?  ";
        assertThat(cron.problemOf(padded)).isEmpty();
        assertThat(new CronTimes(padded, Schedules.UTC).after(java.time.Instant.EPOCH))
                .isPresent();
    }
}
