package io.watchkeeper.schedule;

import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quartz.CronExpression;

/** Reads cron expressions the way the scheduler will. */
public final class QuartzCron {

    private static final String FIELDS = "second minute hour day-of-month month day-of-week [year]";
    private static final int LEAST_FIELDS = 6;
    private static final int MOST_FIELDS = 7;

    /** Quartz's own marks for '*' and '?', which it takes for numbers it knows: minute 99 would be every minute. */
    private static final Pattern MEANS_SOMETHING_ELSE = Pattern.compile("\\b0*9[89]\\b");

    /** What is wrong with the expression, as half a sentence after its name; empty when it can be scheduled. */
    public Optional<String> problemOf(String expression) {
        String stripped = expression.strip();
        int fields = stripped.isEmpty() ? 0 : stripped.split("\\s+").length;
        if (fields < LEAST_FIELDS || fields > MOST_FIELDS) {
            return Optional.of("has " + fields + (fields == 1 ? " field" : " fields") + ", not 6 or 7: " + FIELDS);
        }
        Matcher disguised = MEANS_SOMETHING_ELSE.matcher(stripped);
        if (disguised.find()) {
            return Optional.of("is wrong: " + disguised.group() + " is out of range");
        }
        try {
            CronExpression cron = new CronExpression(stripped);
            return cron.getTimeAfter(Date.from(Instant.EPOCH)) == null
                    ? Optional.of("never fires: there is no such day")
                    : Optional.empty();
        } catch (ParseException | RuntimeException e) {
            return Optional.of(inPlainWords(String.valueOf(e.getMessage())));
        }
    }

    private static String inPlainWords(String message) {
        if (message.startsWith("Support for specifying both")) {
            return "names a day of the month and a day of the week; one of the two must be '?'";
        }
        if (message.startsWith("'?' can only be specified")) {
            return "has '?' in the wrong place: exactly one of day-of-month and day-of-week is '?'";
        }
        if (message.startsWith("Illegal cron expression format") || message.contains("Exception")) {
            return "is not a cron expression: " + FIELDS;
        }
        return "is wrong: " + message;
    }
}
