package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the schema of a database, and of those that are kept in step with it, to a revision: planned and judged first, then change by
 * change, and taken back as a whole when one fails.
 *
 * <p>If the process dies, the changes that were finished stay, and Sqitch's registry says which: the same wish goes on from there.
 */
public final class Migrator {

    private final Path project;
    private final @Nullable Path bin;
    private final List<AvoidedTime> avoided;
    private final Clock clock;
    private final Work work;
    private @Nullable BackupSettings backups;

    /**
     * @param project the folder of sqitch.plan
     * @param bin where PostgreSQL's programs are looked for first; null where no folder is configured
     * @param avoided when no migration begins
     */
    public Migrator(Path project, @Nullable Path bin, List<AvoidedTime> avoided, Clock clock, Work work) {
        this.project = project;
        this.bin = bin;
        this.avoided = List.copyOf(avoided);
        this.clock = clock;
        this.work = work;
    }

    /** Lets ways back be tested, on what this host keeps backups of, and with its folder of state. */
    public Migrator testedBy(BackupSettings settings) {
        backups = settings;
        return this;
    }

    /**
     * What would be done. Changes nothing.
     *
     * @param databases the wish's own, and then those that are kept in step
     */
    public MigrationPlan plan(MigrationWish wish, List<Database> databases) throws SQLException {
        return new MigrationPlanner(project, work).plan(wish, databases);
    }

    /**
     * As {@link #plan}, and everything that would keep it from being run now.
     *
     * @throws UnknownRevisionException when the plan has no such change or tag
     * @throws MigrationRunsException while another migration runs
     * @throws OperatorException when it is refused
     */
    public MigrationPlan requirePossible(MigrationWish wish, List<Database> databases) throws SQLException {
        Path unused = Sqitch.program();
        MigrationPlan plan = plan(wish, databases);
        new MigrationChecks(avoided, clock, work).require(databases, wish.maxLag());
        requireHarmless(plan);
        return plan;
    }

    private static void requireHarmless(MigrationPlan plan) {
        plan.danger().ifPresent(danger -> {
            throw danger;
        });
    }

    /** What a database has of the plan, and what it lacks. */
    public MigrationStatus status(Database database) throws SQLException {
        SqitchProject plan = SqitchProject.read(project);
        try (Session session = database.open(work)) {
            Registry registry = Registry.read(session, plan);
            int deployed = registry.position(plan, database.name());
            List<String> changes =
                    plan.changes().stream().map(SqitchChange::reference).toList();
            return new MigrationStatus(
                    database.name(),
                    plan.name(),
                    changes.subList(0, deployed),
                    changes.subList(deployed, changes.size()),
                    registry.unregistered().map(ChangeMarks.Mark::change).orElse(null));
        }
    }

    /**
     * Runs the verify scripts of all changes that a database has, in transactions that can only read.
     *
     * @param state the agent's folder of state, which holds a copy of the project meanwhile
     * @throws OperatorException when one of them fails, or does something else than look
     */
    public void verify(Database database, Path state) throws SQLException {
        try (ProjectCopy copy = ProjectCopy.of(project, state)) {
            List<MigrationFinding> findings = new MigrationPlanner(copy.folder(), work).verifications(database);
            if (!findings.isEmpty()) {
                throw new OperatorException(
                        findings.stream().map(MigrationFinding::text).collect(Collectors.joining("; ")),
                        findings.get(0).remedy() + ".");
            }
            Sqitch.Outcome outcome = new Sqitch(copy, database, bin, MigrationWish.LOCK_TIMEOUT).verify(work);
            if (!outcome.succeeded()) {
                throw new OperatorException(
                        "database '" + database.name() + "' is not as its migrations left it: " + outcome.message(),
                        "somebody has changed it by hand, or the verify script is wrong.");
            }
        }
    }

    /**
     * Does it, from a copy of the project that nobody else can write to.
     *
     * @param state the agent's folder of state, which holds the copy meanwhile
     * @param permit throws when the plan, as it is once nobody else can change it, may not be carried out
     * @param told of each change that was deployed or taken back
     * @throws OperatorException when it is refused or fails; all databases are as they were then, or the message says where they are not
     */
    public MigrationResult run(
            MigrationWish wish,
            List<Database> databases,
            Path state,
            Consumer<MigrationPlan> permit,
            Consumer<MigrationResult.Done> told)
            throws SQLException {
        long start = System.nanoTime();
        MigrationPlan unused = requirePossible(wish, databases);
        // What was planned before the turn was taken may have been done by somebody else meanwhile, or be another
        // script by now.
        MigrationTurn turn = MigrationTurn.take(databases, work);
        try (turn;
                ProjectCopy copy = ProjectCopy.of(project, state)) {
            MigrationPlan plan = new MigrationPlanner(copy.folder(), work).plan(wish, databases);
            requireHarmless(plan);
            permit.accept(plan);
            test(wish, plan, databases, copy);
            ChangeRun run = new ChangeRun(copy, bin, wish.lockTimeout(), databases);
            ChangeSteps steps = new ChangeSteps(run, SqitchProject.read(copy.folder()), wish, work, told);
            for (Database database : databases) {
                // What a process has deployed that died before it was written down: the plan counts it as there.
                Optional<SqitchChange> settled = run.settle(database.name(), work);
                if (settled.isPresent()) {
                    steps.settled(new MigrationPlanner(copy.folder(), work).step(database, settled.get()));
                }
            }
            steps.doAll(ordered(plan));
            return new MigrationResult(
                    plan.project(),
                    plan.revision(),
                    plan.revert(),
                    steps.done(),
                    wish.verify(),
                    Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** Before anything is done: what fails there is not done here. */
    private void test(MigrationWish wish, MigrationPlan plan, List<Database> databases, ProjectCopy copy)
            throws SQLException {
        BackupSettings settings = backups;
        if (wish.revertTest() == RevertTest.NONE || plan.isDone()) {
            return;
        }
        if (settings == null) {
            throw new OperatorException("there is nowhere to test a way back", null);
        }
        new RevertProof(copy, bin, new TestDatabases(settings), work).run(wish, plan, databases);
    }

    /** A change that a database is to get or to lose. */
    record Step(String database, PlannedChange change) {}

    /**
     * What adds goes to the ends first, and what takes away begins at the database that was named: data never comes where the schema
     * has no place for it yet.
     */
    static List<Step> ordered(MigrationPlan plan) {
        Comparator<Integer> order = plan.revert() ? Comparator.reverseOrder() : Comparator.naturalOrder();
        Map<Integer, List<Step>> byPosition = new TreeMap<>(order);
        for (MigrationPlan.OfDatabase one : plan.databases()) {
            for (PlannedChange change : one.changes()) {
                byPosition
                        .computeIfAbsent(change.position(), position -> new ArrayList<>())
                        .add(new Step(one.database(), change));
            }
        }
        List<Step> steps = new ArrayList<>();
        String main = plan.databases().get(0).database();
        for (List<Step> same : byPosition.values()) {
            boolean mainFirst = same.get(0).change().phase() == Phase.CONTRACT;
            same.sort(Comparator.comparing(step -> step.database().equals(main) != mainFirst));
            steps.addAll(same);
        }
        return steps;
    }
}
