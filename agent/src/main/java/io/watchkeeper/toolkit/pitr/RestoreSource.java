package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where restores and drills take base backups and the log from: the agent's own repository, or that of another program. */
public interface RestoreSource {

    /** Where that is, for people. */
    String place();

    /** How a base backup is made there, for people. */
    String howToMakeOne();

    /** Its base backups, oldest first, damaged ones included. Changes nothing. */
    List<Backup> backups() throws IOException;

    /** @throws OperatorException when it has no such backup */
    Backup find(String id) throws IOException;

    /** The log of the backup's cluster. @throws OperatorException when it cannot be read from here */
    ArchivedLog log(Backup backup) throws IOException;

    /** How many bytes of disk the backups take when they are restored, the log not counted. @param chain as in {@link RestorePreview} */
    long restoredBytes(List<Backup> chain);

    /** @throws OperatorException when a program or a key is missing that the backups cannot be read without */
    void requirePrograms(List<Backup> chain);

    /**
     * What a person should know before.
     *
     * @param newest when the log that leads on from the backup last got something; null when there is none
     */
    List<String> notes(Backup backup, @Nullable Instant newest) throws IOException;

    /**
     * Brings a data directory back as the backup has it, with whatever owners and settings: whoever asks sees to these.
     *
     * @param chain as in {@link RestorePreview}
     * @param data an empty folder
     * @param tablespaces a folder for these; need not be there
     * @param parts a folder on the same disk, for what lies beside the data meanwhile; need not be there
     * @throws OperatorException when it cannot be brought, or is not what was backed up
     */
    void bring(List<Backup> chain, Path data, Path tablespaces, Path parts) throws IOException;
}
