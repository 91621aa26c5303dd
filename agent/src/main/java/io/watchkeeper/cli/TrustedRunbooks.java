package io.watchkeeper.cli;

import io.watchkeeper.dsl.RunbookLoader;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.trust.ChecksumList;
import io.watchkeeper.trust.RunbookTrust;
import io.watchkeeper.trust.TrustedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The runbooks of a folder, each with whether the agent would take it. */
final class TrustedRunbooks {

    private static final int LARGEST = 1 << 20;

    private TrustedRunbooks() {}

    /**
     * One of them.
     *
     * @param sum null when it cannot be read
     * @param refusal null when it would be loaded, as far as owner, mode and checksum go
     */
    record Judged(Path file, @Nullable String sum, @Nullable OperatorException refusal) {}

    static List<Judged> in(Path folder, RunbookTrust trust) throws IOException {
        RunbookTrust.Round round = trust.round();
        List<Judged> judged = new ArrayList<>();
        for (Path file : files(folder)) {
            @Nullable String sum = null;
            try {
                byte[] content = TrustedFile.read(file, LARGEST);
                sum = ChecksumList.sumOf(content);
                round.require(file, content);
                judged.add(new Judged(file, sum, null));
            } catch (OperatorException e) {
                judged.add(new Judged(file, sum, e));
            } catch (IOException e) {
                judged.add(new Judged(
                        file,
                        null,
                        new OperatorException(
                                "it cannot be read: " + e.getMessage(), "the user of the agent needs to read it.", e)));
            }
        }
        return judged;
    }

    /** @throws OperatorException when one cannot be vouched for, whatever its content */
    static ChecksumList listOf(Path folder) throws IOException {
        Map<String, String> sums = new TreeMap<>();
        for (Judged runbook : in(folder, RunbookTrust.WITHOUT_LIST)) {
            if (runbook.refusal() != null || runbook.sum() == null) {
                OperatorException why = runbook.refusal();
                throw new OperatorException(
                        runbook.file() + ": " + (why == null ? "it cannot be read" : why.getMessage()),
                        why == null ? null : why.hint(),
                        why);
            }
            sums.put(String.valueOf(runbook.file().getFileName()), runbook.sum());
        }
        return new ChecksumList(sums);
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new OperatorException(folder + " is not a folder", "name the folder of the runbooks.");
        }
        return RunbookLoader.runbooksIn(folder);
    }
}
