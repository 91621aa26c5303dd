package io.watchkeeper.trust;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a runbook must be vouched for by, beside owner and mode of its file: a list of checksums in its folder, and a signature
 * over that list. A list that is there counts, also where none is required.
 */
public final class RunbookTrust {

    /** Owner and mode alone, and a list where there is one. */
    public static final RunbookTrust USUAL = unsigned(true);

    /** Owner and mode alone, for looking at runbooks before they are listed. */
    public static final RunbookTrust WITHOUT_LIST = unsigned(false);

    /** A thousand runbooks make a list of 100 KB. */
    private static final int LARGEST = 1 << 20;

    private static final String MINISIGN = ".minisig";
    private static final String SSH = ".sig";

    private final boolean readLists;
    private final boolean requireChecksums;
    private final @Nullable MinisignKey minisignKey;
    private final @Nullable Path sshAllowedSigners;
    private final Clock clock;

    /**
     * @param minisignKey when set, the list must be signed by it, or by one of {@code sshAllowedSigners}
     * @param sshAllowedSigners a file as {@code ssh-keygen -Y verify} takes it; when set, the list must be signed by one of these,
     *     or by {@code minisignKey}
     */
    public RunbookTrust(
            boolean requireChecksums,
            @Nullable MinisignKey minisignKey,
            @Nullable Path sshAllowedSigners,
            Clock clock) {
        this(true, requireChecksums, minisignKey, sshAllowedSigners, clock);
    }

    private RunbookTrust(
            boolean readLists,
            boolean requireChecksums,
            @Nullable MinisignKey minisignKey,
            @Nullable Path sshAllowedSigners,
            Clock clock) {
        this.readLists = readLists;
        this.requireChecksums = requireChecksums || minisignKey != null || sshAllowedSigners != null;
        this.minisignKey = minisignKey;
        this.sshAllowedSigners = sshAllowedSigners;
        this.clock = clock;
    }

    private static RunbookTrust unsigned(boolean readLists) {
        // Only signatures have a time.
        return new RunbookTrust(readLists, false, null, null, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
    }

    /**
     * A list that was found in order.
     *
     * @param signer who vouches for it; null when no signature is asked for
     */
    public record Vouched(ChecksumList list, @Nullable String signer) {}

    /** The files beside runbooks that decide what is loaded, there or not. */
    public List<Path> files(Path folder) {
        Path list = folder.resolve(ChecksumList.NAME);
        List<Path> files = new ArrayList<>(List.of(list, beside(list, MINISIGN), beside(list, SSH)));
        if (sshAllowedSigners != null) {
            files.add(sshAllowedSigners);
        }
        return files;
    }

    /**
     * The folder's list.
     *
     * @return empty when there is none and none is required
     * @throws OperatorException when it is missing though required, cannot be read, or its signature does not hold
     */
    public Optional<Vouched> list(Path folder) {
        Path file = folder.resolve(ChecksumList.NAME);
        byte[] content;
        try {
            content = TrustedFile.read(file, LARGEST);
        } catch (NoSuchFileException e) {
            if (!requireChecksums) {
                return Optional.empty();
            }
            throw new OperatorException(
                    "the list of checksums, " + file + ", is not there, and the configuration requires it",
                    "watchkeeper trust sign " + folder + "  writes it.",
                    e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        // The signature first: what nobody vouches for is not even parsed.
        String signer = signer(file, content);
        return Optional.of(new Vouched(ChecksumList.parse(content), signer));
    }

    private @Nullable String signer(Path list, byte[] content) {
        if (minisignKey == null && sshAllowedSigners == null) {
            return null;
        }
        @Nullable String minisign = minisignKey == null ? null : text(beside(list, MINISIGN));
        if (minisignKey != null && minisign != null) {
            return minisignKey.verify(content, minisign);
        }
        @Nullable String ssh = sshAllowedSigners == null ? null : text(beside(list, SSH));
        if (sshAllowedSigners != null && ssh != null) {
            String signers = text(sshAllowedSigners);
            if (signers == null) {
                throw new OperatorException(
                        "the file of allowed signers, " + sshAllowedSigners + ", is not there",
                        "correct trust.sshAllowedSigners.");
            }
            return SshSigners.parse(signers).verify(content, ssh, clock.instant());
        }
        throw new OperatorException(
                "the list of checksums, " + list + ", is not signed, and the configuration requires it",
                "watchkeeper trust sign --" + (minisignKey != null ? "minisign-key" : "ssh-key") + " KEY "
                        + list.getParent() + "  signs it.");
    }

    /** Null when the file is not there. */
    private static @Nullable String text(Path file) {
        try {
            return new String(TrustedFile.read(file, LARGEST), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static OperatorException unreadable(Path file, IOException cause) {
        return new OperatorException(
                file + " cannot be read: " + cause.getMessage(), "the user of the agent needs to read it.", cause);
    }

    private static Path beside(Path list, String suffix) {
        return list.resolveSibling(list.getFileName() + suffix);
    }

    /** One loading of any number of files: each folder's list is read once, so that all are judged by the same. */
    public final class Round {
        private final Map<Path, Judgement> lists = new ConcurrentHashMap<>();

        private Round() {}

        /** @throws OperatorException when the runbook is not vouched for as the configuration wants it */
        public void require(Path file, byte[] content) {
            Path folder = file.toAbsolutePath().normalize().getParent();
            if (readLists && folder != null) {
                lists.computeIfAbsent(folder, this::judge).require(file, content);
            }
        }

        private Judgement judge(Path folder) {
            try {
                return new Judgement(list(folder).map(Vouched::list).orElse(null), null);
            } catch (OperatorException e) {
                return new Judgement(null, e);
            }
        }
    }

    public Round round() {
        return new Round();
    }

    /** @param list null when there is none */
    private record Judgement(
            @Nullable ChecksumList list, @Nullable OperatorException refusal) {
        void require(Path file, byte[] content) {
            if (refusal != null) {
                throw new OperatorException(refusal.getMessage() + ", so it is not loaded", refusal.hint(), refusal);
            }
            if (list != null) {
                list.require(file, content);
            }
        }
    }
}
