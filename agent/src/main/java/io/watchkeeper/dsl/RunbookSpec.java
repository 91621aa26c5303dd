package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatesTo;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.Guard;
import io.watchkeeper.runbook.Parameter;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepBody;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code runbook('name') { … }} */
@Block(
        name = "runbook",
        value =
                "What is done, when, and under which conditions. Steps run in the order in which they stand; the first that "
                        + "fails ends the run.",
        needs = "step",
        words = {
            "description",
            "owner",
            "role",
            "checklist",
            "schedule",
            "policy",
            "guard",
            "param",
            "step",
            "onFailure",
            "onRecovery"
        })
public final class RunbookSpec extends BlockSpec {

    private final String name;
    private final SourceLocation location;
    private final Set<String> roles = new LinkedHashSet<>();
    private final List<Guard> guards = new ArrayList<>();
    private final Map<String, SourceLocation> guardDatabases = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final Map<String, SourceLocation> withoutDefault = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final Set<String> stepNames = new HashSet<>();
    private String description = "";
    private String owner = "";
    private @Nullable Schedule schedule;
    private Policy policy = Policy.DEFAULT;
    private @Nullable Checklist checklist;
    private @Nullable StepBody onFailure;
    private @Nullable StepBody onRecovery;

    RunbookSpec(Declarations declarations, String name) {
        super(declarations, "runbook");
        this.name = name;
        this.location = declarations.here();
        checkName(name);
    }

    private void checkName(String text) {
        declarations().checked(TextKind.RUNBOOK_NAME, text, () -> text, text);
    }

    @Word(
            value = "What the runbook is for, in a sentence.",
            example = "description 'Brings the tables aboard.'",
            byDefault = "''")
    public void description(String text) {
        once("description");
        description = text;
    }

    @Word(value = "Who is asked when it fails.", example = "owner 'dba-oncall'", byDefault = "''")
    public void owner(String text) {
        once("owner");
        owner = text;
    }

    @Word(
            value =
                    "Only hosts with this role (`host.role` of the configuration) load the runbook. May be given several times.",
            example = "role 'ship'",
            byDefault = "every role")
    public void role(@Checked(TextKind.NAME) String text) {
        roles.add(text);
    }

    @Word(
            value =
                    "Makes the runbook a checklist, whose steps are its items: one that fails does not keep the later ones from being done,"
                            + " the run fails at its end, and a report is written for people, with what to do now and how things have"
                            + " developed. See [Checklists](checklists.md).",
            example = "checklist daily",
            byDefault = "no checklist: the first step that fails ends the run")
    public void checklist(Checklist rhythm) {
        once("checklist");
        checklist = rhythm;
    }

    @Choice(of = "checklist", value = "Gone through every day; its report shows the last 30 days.")
    public Checklist getDaily() {
        return Checklist.DAILY;
    }

    @Choice(of = "checklist", value = "Gone through every week; its report shows the last 13 weeks.")
    public Checklist getWeekly() {
        return Checklist.WEEKLY;
    }

    @Choice(of = "checklist", value = "Gone through every month; its report shows the last 12 months.")
    public Checklist getMonthly() {
        return Checklist.MONTHLY;
    }

    @Word(value = "When it runs by itself.", example = "schedule { … }", byDefault = "only when asked to")
    public void schedule(@DelegatesTo(value = ScheduleSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        once("schedule");
        ScheduleSpec spec = new ScheduleSpec(declarations());
        Closures.run(block, spec);
        schedule = spec.build();
    }

    @Word(value = "How it runs: its deadline, retries, overlap and locks.", example = "policy { … }")
    public void policy(@DelegatesTo(value = PolicySpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        once("policy");
        PolicySpec spec = new PolicySpec(declarations());
        Closures.run(block, spec);
        policy = spec.build();
    }

    @Word(
            value = "What must hold before a run starts; otherwise the run is skipped and says why.",
            example = "guard { … }",
            byDefault = "no condition")
    public void guard(@DelegatesTo(value = GuardSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> block) {
        GuardSpec spec = new GuardSpec(declarations());
        Closures.run(block, spec);
        guards.addAll(spec.build());
        guardDatabases.putAll(spec.databases());
    }

    @Word(
            value =
                    "A value that a run may be given: `-P since=…` on the command line, or the JSON body over HTTP. Without a "
                            + "default a run must be given it.",
            example = "param 'since', '1 day'")
    public void param(@Checked(TextKind.NAME) String parameter, String defaultValue) {
        addParameter(parameter, defaultValue);
    }

    public void param(@Checked(TextKind.NAME) String parameter) {
        addParameter(parameter, null);
    }

    private void addParameter(String parameter, @Nullable String defaultValue) {
        if (parameters.stream().anyMatch(p -> p.name().equals(parameter))) {
            declarations()
                    .problem(
                            "param '" + parameter + "' is declared twice in runbook '" + name + "'",
                            "keep one of them.");
        }
        if (defaultValue == null) {
            withoutDefault.put(parameter, declarations().here());
        }
        parameters.add(new Parameter(parameter, defaultValue));
    }

    @Word(
            value =
                    "One named part of the work. Its code runs only when the runbook runs, never when the file is loaded.",
            example = "step('merge what changed') { … }")
    public void step(
            @Checked(TextKind.NAME) String stepName,
            @DelegatesTo(value = StepSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> body) {
        if (!stepNames.add(stepName)) {
            declarations()
                    .problem(
                            "there are two steps '" + stepName + "' in runbook '" + name + "'",
                            "give each step a name of its own: history and alerts call steps by name.");
        }
        Toolbox toolbox = declarations().toolbox();
        TextChecks texts = declarations().texts();
        Path folder = folder();
        StepBody run = context -> {
            Action action = new Action(context, toolbox, texts, folder);
            Closures.run(body, new StepSpec(action));
            action.verdicts().throwFailure();
        };
        steps.add(new Step(stepName, declarations().here(), run));
    }

    @Word(
            value = "What is done after a run has failed or timed out, for example an alert.",
            example = "onFailure { alert 'page', \"ship-sync: ${error.message}\" }")
    public void onFailure(@DelegatesTo(value = FailureSpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> body) {
        once("onFailure");
        Toolbox toolbox = declarations().toolbox();
        TextChecks texts = declarations().texts();
        Path folder = folder();
        onFailure = context -> Closures.run(body, new FailureSpec(new Action(context, toolbox, texts, folder)));
    }

    @Word(
            value = "What is done after the first run that succeeds again after a failure.",
            example = "onRecovery { alert 'info', 'ship-sync works again' }")
    public void onRecovery(@DelegatesTo(value = RecoverySpec.class, strategy = Closure.DELEGATE_ONLY) Closure<?> body) {
        once("onRecovery");
        Toolbox toolbox = declarations().toolbox();
        TextChecks texts = declarations().texts();
        Path folder = folder();
        onRecovery = context -> Closures.run(body, new RecoverySpec(new Action(context, toolbox, texts, folder)));
    }

    private Path folder() {
        Path folder = Path.of(location.file()).toAbsolutePath().getParent();
        return folder == null ? Path.of("/") : folder;
    }

    /** Hands the finished runbook over. */
    void declare() {
        if (steps.isEmpty()) {
            declarations()
                    .problemAt(
                            location,
                            "runbook '" + name + "' has no step, so there is nothing it would do",
                            "add one: step('what it does') { … }");
        }
        if (schedule != null) {
            withoutDefault.forEach((parameter, place) -> declarations()
                    .problemAt(
                            place,
                            "runbook '" + name + "' has a schedule, and its parameter '" + parameter
                                    + "' has no default: its schedule could not start it",
                            "give it one: param '" + parameter + "', 'its default'. Or leave the schedule out."));
        }
        if (roles.isEmpty() || roles.contains(declarations().role())) {
            guardDatabases.forEach((database, place) -> declarations()
                    .texts()
                    .check(TextKind.DATABASE, database)
                    .ifPresent(f -> declarations().problemAt(place, f.message(), f.hint())));
        }
        declarations()
                .add(new Runbook(
                        name,
                        description,
                        owner,
                        roles,
                        schedule,
                        policy,
                        guards,
                        parameters,
                        steps,
                        onFailure,
                        onRecovery,
                        location,
                        declarations().fingerprint(),
                        checklist));
    }
}
