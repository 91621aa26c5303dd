package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.units.DurationText;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Says in plain words what a runbook will do and when. Schedule, rules and hooks are those that were loaded; what the steps do is read
 * from the file. No step runs, and no connection is opened.
 */
public final class RunbookExplainer {

    private final ExplainWords words;
    private final TimingWords timing;

    /** @param language English for those that there are no words in */
    public RunbookExplainer(Locale language) {
        this.words = new ExplainWords(language);
        this.timing = new TimingWords(words);
    }

    /** @throws io.watchkeeper.problem.OperatorException when the runbook's file cannot be read any more */
    public Explanation explain(Runbook runbook) {
        WrittenRunbook written = WrittenRunbook.of(runbook);
        List<Explanation.Part> steps = new ArrayList<>();
        for (Step step : runbook.steps()) {
            ValueWords values = new ValueWords(runbook, words);
            written.declareInto(values);
            List<String> deeds = written.step(step.name(), values).stream()
                    .map(deed -> words.deed(deed, owner(runbook)))
                    .toList();
            steps.add(new Explanation.Part(step.name(), deeds));
        }
        return new Explanation(runbook.name(), when(runbook), steps, rules(runbook), failure(runbook, written));
    }

    private String when(Runbook runbook) {
        String where = runbook.roles().isEmpty()
                ? words.say("where.all")
                : words.say("where.roles", String.join(", ", new TreeSet<>(runbook.roles())));
        Schedule schedule = runbook.schedule();
        if (schedule == null) {
            return words.say("when.never", where);
        }
        String except = schedule.blackouts().stream().map(timing::window).collect(Collectors.joining(", "));
        String once = runbook.isClusterWide() ? words.say("when.cluster") : "";
        return sentence(words.say(
                "when",
                timing.timing(schedule.timing()),
                where + once,
                except.isEmpty() ? "" : words.say("when.except", except),
                zone(schedule.zone())));
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    /** People say {@code Seoul time}, and {@code UTC}. */
    private String zone(ZoneId zone) {
        String id = zone.getId();
        String place = id.substring(id.indexOf('/') + 1).replace('_', ' ');
        return id.startsWith("Etc/") || !id.contains("/") ? place : words.say("zone", place);
    }

    private List<String> rules(Runbook runbook) {
        List<String> rules = new ArrayList<>();
        Schedule schedule = runbook.schedule();
        if (schedule != null && !schedule.jitter().isZero()) {
            rules.add(words.say("jitter", DurationText.say(schedule.jitter())));
        }
        if (schedule != null) {
            String missed = "missed." + schedule.missed().name().toLowerCase(Locale.ROOT);
            Duration maxAge = schedule.maxAge();
            rules.add(
                    maxAge == null || schedule.missed() == Schedule.Missed.SKIP
                            ? words.say(missed)
                                    + (schedule.missed() == Schedule.Missed.SKIP ? "" : words.say("missed.end"))
                            : words.say(missed) + words.say("missed.age", DurationText.say(maxAge)));
        }
        runbook.guards().forEach(guard -> rules.add(guard(guard)));
        Policy policy = runbook.policy();
        rules.add(words.say("timeout", DurationText.say(policy.timeout())));
        rules.add(words.say("overlap." + policy.overlap().name().toLowerCase(Locale.ROOT)));
        if (!policy.locks().isEmpty()) {
            rules.add(words.say("locks", String.join(", ", policy.locks())));
        }
        if (runbook.checklist() != null) {
            rules.add(words.say("checklist." + runbook.checklist().wireName()));
        }
        for (Parameter parameter : runbook.parameters()) {
            if (parameter.defaultValue() == null) {
                rules.add(words.say("needs", parameter.name()));
            }
        }
        return rules;
    }

    private String owner(Runbook runbook) {
        return runbook.owner().isEmpty() ? words.say("receivers") : runbook.owner();
    }

    private String guard(Guard guard) {
        if (guard instanceof Guard.MaxReplicationLag lag) {
            return words.say("guard.lag", lag.database(), lag.lag());
        }
        Guard.MinFreeDisk disk = (Guard.MinFreeDisk) guard;
        return words.say("guard.disk", disk.path(), disk.free());
    }

    private List<String> failure(Runbook runbook, WrittenRunbook written) {
        List<String> sentences = new ArrayList<>();
        Policy policy = runbook.policy();
        if (policy.attempts() > 1) {
            sentences.add(words.say("retry", policy.attempts(), DurationText.say(policy.backOff())));
        }
        String failed = policy.attempts() > 1 ? words.say("failed.times", policy.attempts()) : words.say("failed");
        hook(runbook, written, "onFailure", failed, sentences);
        if (runbook.onFailure() == null) {
            sentences.add(words.say("failed.nobody", failed));
        }
        hook(runbook, written, "onRecovery", words.say("recovered"), sentences);
        return sentences;
    }

    private void hook(Runbook runbook, WrittenRunbook written, String hook, String begins, List<String> sentences) {
        ValueWords values = new ValueWords(runbook, words);
        written.declareInto(values);
        String owner = owner(runbook);
        for (Deed deed : written.hook(hook, values)) {
            sentences.add(words.say("then", begins, words.deed(deed, owner)));
        }
    }
}
