package io.watchkeeper.engine;

import io.watchkeeper.files.FolderOwner;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The parts of the agent's state directory through which runs of different processes know of each other. */
record StateFolder(Path root) {

    /** Named locks, one file each. */
    Path locks() {
        return root.resolve("locks");
    }

    /** The locks by which a runbook does not overlap with itself, one file each. */
    Path runbooks() {
        return locks().resolve("runbooks");
    }

    /** One locked file for each run that is going on. */
    Path runs() {
        return root.resolve("runs");
    }

    /** One file for each run that another process is asked to cancel. */
    Path cancelRequests() {
        return root.resolve("cancel");
    }

    /** What is known of the host's heavy work. */
    Path heavy() {
        return root.resolve("heavy");
    }

    /** One locked file for each run that is at heavy work. */
    Path heavyWorking() {
        return heavy().resolve("working");
    }

    /** One locked file for each run that waits for a place. */
    Path heavyWaiting() {
        return heavy().resolve("waiting");
    }

    /** One locked file for each database that is strained. */
    Path strains() {
        return heavy().resolve("strains");
    }

    /**
     * What one run writes down for people; made where it is missing.
     *
     * @throws OperatorException when it cannot be made
     */
    Path reports(String runId) {
        create(root.resolve(RunReports.FOLDER));
        Path reports = root.resolve(RunReports.FOLDER).resolve(runId);
        create(reports);
        return reports;
    }

    /**
     * Makes the folders that are missing.
     *
     * @throws OperatorException when the state directory cannot be written
     */
    static StateFolder open(Path state) {
        create(state);
        StateFolder folder = new StateFolder(state.toAbsolutePath().normalize());
        create(folder.locks());
        create(folder.runbooks());
        create(folder.runs());
        create(folder.cancelRequests());
        create(folder.heavy());
        create(folder.heavyWorking());
        create(folder.heavyWaiting());
        create(folder.strains());
        return folder;
    }

    private static void create(Path folder) {
        if (Files.isDirectory(folder)) {
            return;
        }
        try {
            Files.createDirectories(folder);
            FolderOwner.give(folder);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
    }

    static OperatorException unwritable(Path file, IOException e) {
        String reason = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
        return new OperatorException(
                "cannot write " + file + ": " + reason,
                "the state directory must be writable for this user and have free space (df " + file.getParent() + ").",
                e);
    }
}
