package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes back all that was made for a standby, and nothing else. If the process dies in the middle, the record is still there, and the next
 * undo goes on.
 */
final class StandbyUndo {

    private final Database primary;
    private final PrimaryFacts facts;
    private final StandbyRecord record;
    private final StandbyHost host;
    private final Work work;
    private final List<String> said = new ArrayList<>();

    StandbyUndo(Database primary, PrimaryFacts facts, StandbyRecord record, StandbyHost host, Work work) {
        this.primary = primary;
        this.facts = facts;
        this.record = record;
        this.host = host;
        this.work = work;
    }

    /** @return what there is to say about it */
    List<String> run() throws SQLException {
        StandbyServer server = new StandbyServer(record, host, work);
        boolean made = StandbyHost.isMade(record);
        if (made && server.isPromoted()) {
            throw new OperatorException(
                    "standby '" + record.name() + "' was promoted: " + record.data() + " is a primary's now",
                    "nothing was undone. If nobody needs it, stop it and remove " + record.data()
                            + " by hand, and run this again.");
        }
        at("server");
        if (made && record.started()) {
            server.stop(StandbyStart.of(record.start()));
            said.add("stopped its server");
        } else if (made && server.isRunning()) {
            throw new OperatorException(
                    "the server of standby '" + record.name() + "' runs, and was not started by this",
                    "stop it, and run this again.");
        }
        at("files");
        try {
            removeFiles(made);
        } catch (IOException e) {
            throw new OperatorException(
                    "what was copied to " + record.data() + " cannot be removed: " + e,
                    "run this as its owner or as root; it goes on where it was.",
                    e);
        }
        at("primary");
        try (Session session = primary.open(work)) {
            onPrimary(session);
        }
        at("password");
        try {
            // Last: without it the role's password would be known to nobody, while the role was there.
            new PassFile(Path.of(record.passFile()), host.user()).delete();
        } catch (IOException e) {
            throw new OperatorException(record.passFile() + " cannot be removed: " + e, "remove it by hand.", e);
        }
        return said;
    }

    private void at(String what) {
        work.throwIfCancelled();
        work.progress(Progress.ofBytes(record.name(), "undo: " + what, 0, 0));
    }

    private void removeFiles(boolean made) throws IOException {
        if (made || (!record.untouched() && !Files.exists(record.data()))) {
            // Before the data directory, which says that they are this standby's.
            for (String folder : record.tablespaces().values()) {
                StandbyCopy.emptyTablespace(Path.of(folder), facts.major());
            }
        }
        if (made) {
            // Under a name that is this standby's alone: what is left of it after a crash is known by that.
            FolderTree.delete(record.incoming());
            Files.move(record.data(), record.incoming(), StandardCopyOption.ATOMIC_MOVE);
            said.add("removed " + record.data());
        } else if (Files.exists(record.data().resolve("PG_VERSION"))) {
            said.add(record.data() + " stays: it was not made for this standby");
        }
        FolderTree.delete(record.incoming());
        Files.deleteIfExists(record.log());
    }

    private void onPrimary(Session session) throws SQLException {
        if (record.slotMade()) {
            say(new StandbySlot(session, record.slot()).drop(record.name()));
        }
        String hba = record.hbaFile();
        if (hba != null) {
            HbaBlock block = new HbaBlock(record.name(), List.of());
            if (Files.exists(Path.of(hba)) && facts.isHere()) {
                say(new HbaFile(session, Path.of(hba)).remove(block) ? "took its line out of " + hba : "");
            } else {
                said.add("its line is still in " + hba + " of the primary: that file cannot be reached from here");
            }
        }
        say(new ReplicationRole(session, record.role()).drop(record.roleMark()));
        said.addAll(new PrimarySettings(session).restore(record));
    }

    private void say(String words) {
        if (!words.isEmpty()) {
            said.add(words);
        }
    }
}
