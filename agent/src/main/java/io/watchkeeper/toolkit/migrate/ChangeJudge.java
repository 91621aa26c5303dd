package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.toolkit.migrate.MigrationFinding.Severity;
import io.watchkeeper.units.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Judges the changes of a plan that a database is still to get, or to lose. */
final class ChangeJudge {

    private static final Pattern REFUSES = Pattern.compile("\\braise\\s+exception\\b", Pattern.CASE_INSENSITIVE);

    private final SqitchProject project;
    private final int deployed;
    private final ScriptJudge scripts;
    private final VerifyJudge verifications;

    /** @param deployed how many changes the database has */
    ChangeJudge(SqitchProject project, int deployed, ScriptJudge scripts, VerifyJudge verifications) {
        this.project = project;
        this.deployed = deployed;
        this.scripts = scripts;
        this.verifications = verifications;
    }

    PlannedChange deployed(int at) {
        SqitchChange change = project.changes().get(at);
        String path = SqitchProject.path("deploy", change);
        Optional<String> text = project.script("deploy", change);
        ScriptReader.Script script = ScriptReader.read(text.orElse(""));
        ScriptNotes notes = ScriptNotes.of(script.comments(), change.note());
        ScriptJudge.Judged judged = scripts.judge(path, script, notes);
        boolean reversible = !notes.irreversible() && isReversible(change);
        List<MigrationFinding> findings = new ArrayList<>(judged.findings());
        if (text.isEmpty()) {
            findings.add(new MigrationFinding(
                    Severity.DANGER,
                    "no-script",
                    path,
                    1,
                    "the plan names a change that has no script",
                    "write " + path));
        }
        if (!reversible) {
            findings.add(new MigrationFinding(
                    Severity.WARN,
                    "not-reversible",
                    SqitchProject.path("revert", change),
                    1,
                    "it cannot be taken back",
                    "write a revert script that undoes it, or have two people agree"));
        }
        if (reversible) {
            findings.addAll(wayBack(change, script));
        }
        findings.addAll(order(at, path, judged.phase(), notes));
        findings.addAll(verification(at));
        return planned(at, change, reversible, judged, findings);
    }

    /** Undoing a deployment that fails further on runs it, without asking anybody. */
    private List<MigrationFinding> wayBack(SqitchChange change, ScriptReader.Script deploy) {
        String path = SqitchProject.path("revert", change);
        return project.script("revert", change)
                .map(ScriptReader::read)
                .map(revert -> scripts.wayBack(path, deploy, revert))
                .orElse(List.of());
    }

    /** What is wrong with the script that verifies a change; nothing where there is none. */
    List<MigrationFinding> verification(int at) {
        SqitchChange change = project.changes().get(at);
        return project.script("verify", change)
                .map(ScriptReader::read)
                .map(script -> verifications.judge(SqitchProject.path("verify", change), script))
                .orElse(List.of());
    }

    PlannedChange taken(int at) {
        SqitchChange change = project.changes().get(at);
        String path = SqitchProject.path("revert", change);
        ScriptReader.Script script =
                ScriptReader.read(project.script("revert", change).orElse(""));
        ScriptJudge.Judged judged = scripts.judge(path, script, ScriptNotes.of(script.comments(), null));
        List<MigrationFinding> findings = new ArrayList<>(judged.findings());
        if (!isReversible(change)) {
            findings.add(new MigrationFinding(
                    Severity.DANGER,
                    "not-reversible",
                    path,
                    1,
                    "'" + change.reference() + "' cannot be taken back",
                    "go forward with a new change, or restore a backup"));
        }
        return planned(at, change, true, judged, findings);
    }

    private static PlannedChange planned(
            int at,
            SqitchChange change,
            boolean reversible,
            ScriptJudge.Judged judged,
            List<MigrationFinding> findings) {
        return new PlannedChange(
                at,
                change.name(),
                change.reference(),
                judged.phase(),
                reversible,
                judged.inTransaction(),
                judged.actions(),
                findings,
                Bytes.of(judged.rewritten()),
                judged.estimate());
    }

    /** A script that is missing, does nothing, or only says no, takes nothing back. */
    private boolean isReversible(SqitchChange change) {
        return project.script("revert", change)
                .filter(text -> !REFUSES.matcher(text).find())
                .map(ScriptReader::read)
                .filter(script -> !Transaction.isEmpty(script))
                .filter(script -> !ScriptNotes.of(script.comments(), null).irreversible())
                .isPresent();
    }

    private List<MigrationFinding> order(int at, String path, Phase phase, ScriptNotes notes) {
        List<MigrationFinding> findings = new ArrayList<>();
        for (String name : notes.after()) {
            int other = lastBefore(at, name);
            if (other < 0) {
                findings.add(new MigrationFinding(
                        Severity.DANGER,
                        "phase-order",
                        path,
                        1,
                        "it is to come after '" + name + "', which the plan does not have before it",
                        "expand, then migrate, then contract: put '" + name + "' before it in the plan"));
            } else if (phase == Phase.CONTRACT && isTooSoon(other)) {
                findings.add(tooSoon(path, name));
            }
        }
        for (String name : project.changes().get(at).requires()) {
            int other = lastBefore(at, name);
            if (phase == Phase.CONTRACT
                    && other >= 0
                    && isTooSoon(other)
                    && !notes.after().contains(name)
                    && migrates(other)) {
                findings.add(tooSoon(path, name));
            }
        }
        if (phase == Phase.CONTRACT && notes.after().isEmpty()) {
            findings.add(new MigrationFinding(
                    Severity.NOTE,
                    "phase-order",
                    path,
                    1,
                    "it takes something away and does not say after which change",
                    "write '-- watchkeeper: contract after CHANGE' into the script"));
        }
        return findings;
    }

    private static MigrationFinding tooSoon(String path, String name) {
        return new MigrationFinding(
                Severity.DANGER,
                "phase-order",
                path,
                1,
                "it would come in the same run as '" + name + "', while programs still use what it takes away",
                "deploy up to '" + name + "' first, then the programs that do without, and only then this");
    }

    /** Not yet there; in a database that has nothing yet, nobody uses anything either. */
    private boolean isTooSoon(int other) {
        return deployed > 0 && other >= deployed;
    }

    private boolean migrates(int at) {
        SqitchChange change = project.changes().get(at);
        ScriptReader.Script script =
                ScriptReader.read(project.script("deploy", change).orElse(""));
        return ScriptNotes.of(script.comments(), change.note())
                .phase()
                .filter(phase -> phase == Phase.MIGRATE)
                .isPresent();
    }

    private int lastBefore(int at, String name) {
        for (int i = at - 1; i >= 0; i--) {
            if (project.changes().get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
