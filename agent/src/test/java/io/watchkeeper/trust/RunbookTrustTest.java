package io.watchkeeper.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists made by {@code sha256sum}, signed by {@code minisign} and {@code ssh-keygen}. */
class RunbookTrustTest {

    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path temporary;

    private Path folder;
    private Path list;

    @BeforeEach
    void makeFolder() throws Exception {
        folder = Files.createDirectory(temporary.toRealPath().resolve("runbooks"));
        write("a.groovy", "one");
        write("b.groovy", "two");
        list = folder.resolve(ChecksumList.NAME);
        shell("sha256sum *.groovy > " + ChecksumList.NAME);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** In the folder of the runbooks, without questions. */
    private String shell(String command) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
        return output;
    }

    private static void require(RunbookTrust trust, Path file) throws IOException {
        trust.round().require(file, Files.readAllBytes(file));
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(((OperatorException) e).hint()).isNotBlank());
    }

    private MinisignKey minisignKey(String name) throws Exception {
        shell("minisign -G -W -p ../" + name + ".pub -s ../" + name + ".key");
        return MinisignKey.parse(
                        Files.readAllLines(folder.resolveSibling(name + ".pub")).get(1))
                .orElseThrow();
    }

    private static RunbookTrust signedBy(@Nullable MinisignKey minisign, @Nullable Path ssh) {
        return new RunbookTrust(false, minisign, ssh, NOW);
    }

    private String sshKey(String kind, String name) throws Exception {
        shell("ssh-keygen -q -t " + kind + " -N '' -C '' -f ../" + name);
        return Files.readString(folder.resolveSibling(name + ".pub")).strip();
    }

    private Path signers(String... lines) throws IOException {
        return Files.write(folder.resolveSibling("signers"), List.of(lines));
    }

    @Test
    void acceptsFilesAsListed() throws IOException {
        require(RunbookTrust.USUAL, folder.resolve("a.groovy"));
        require(new RunbookTrust(true, null, null, NOW), folder.resolve("b.groovy"));
    }

    @Test
    void refusesAChangedAndAnUnlistedFileWhereThereIsAList() throws IOException {
        Path changed = write("a.groovy", "other");
        Path unlisted = write("c.groovy", "three");

        refused(
                () -> require(RunbookTrust.USUAL, changed),
                "it is not as the list of checksums, runbooks.sha256, has it");
        refused(() -> require(RunbookTrust.USUAL, unlisted), "it is not in the list of checksums");
        require(RunbookTrust.WITHOUT_LIST, changed);
    }

    @Test
    void aMissingListIsRefusedOnlyWhereOneIsRequired() throws IOException {
        Files.delete(list);

        require(RunbookTrust.USUAL, folder.resolve("a.groovy"));
        refused(
                () -> require(new RunbookTrust(true, null, null, NOW), folder.resolve("a.groovy")),
                "is not there, and the configuration requires it");
    }

    @Test
    void readsNamesAsSha256sumWritesThem() throws Exception {
        Path odd = write("ü \\ \n x.groovy", "odd");
        shell("sha256sum --binary ./*.groovy > " + ChecksumList.NAME);

        require(RunbookTrust.USUAL, odd);
    }

    @Test
    void whatItWritesIsReadBySha256sum() throws Exception {
        ChecksumList written = RunbookTrust.USUAL.list(folder).orElseThrow().list();
        Files.writeString(list, written.text());

        assertThat(shell("sha256sum --check --strict " + ChecksumList.NAME)).contains("a.groovy: OK", "b.groovy: OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "1234  a.groovy", "SUM  ../a.groovy", "SUM a.groovy"})
    void refusesAListThatIsNone(String line) throws IOException {
        Files.writeString(list, line.replace("SUM", "0".repeat(64)));

        refused(() -> require(RunbookTrust.USUAL, folder.resolve("a.groovy")), "line 1 of runbooks.sha256");
    }

    @Test
    void refusesTwoSumsForOneFile() throws IOException {
        Files.writeString(list, "0".repeat(64) + "  a.groovy\n" + "1".repeat(64) + "  a.groovy\n");

        refused(() -> require(RunbookTrust.USUAL, folder.resolve("a.groovy")), "two checksums for 'a.groovy'");
    }

    /** Without and with the digest that newer versions sign: -l is the old kind. */
    @ParameterizedTest
    @ValueSource(strings = {"-l", "-H"})
    void acceptsAListSignedByMinisign(String kind) throws Exception {
        MinisignKey key = minisignKey("ops");
        shell("minisign -S " + kind + " -s ../ops.key -t 'reviewed by two' -m " + ChecksumList.NAME);

        assertThat(signedBy(key, null).list(folder).orElseThrow().signer()).isEqualTo("reviewed by two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l", "-H"})
    void refusesAListChangedAfterMinisign(String kind) throws Exception {
        MinisignKey key = minisignKey("ops");
        shell("minisign -S " + kind + " -s ../ops.key -m " + ChecksumList.NAME);
        write("c.groovy", "planted");
        shell("sha256sum *.groovy > " + ChecksumList.NAME);

        refused(
                () -> require(signedBy(key, null), folder.resolve("c.groovy")),
                "the list was changed after it was signed");
    }

    @Test
    void refusesAnotherKeyOfMinisignAndAChangedComment() throws Exception {
        MinisignKey key = minisignKey("ops");
        minisignKey("other");
        shell("minisign -S -s ../other.key -m " + ChecksumList.NAME);
        refused(() -> signedBy(key, null).list(folder), "the signature was made by another key");

        shell("minisign -S -s ../ops.key -t 'for staging' -m " + ChecksumList.NAME);
        Path signature = folder.resolve(ChecksumList.NAME + ".minisig");
        Files.writeString(signature, Files.readString(signature).replace("for staging", "for all"));
        refused(() -> signedBy(key, null).list(folder), "the signature's trusted comment was changed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "a\nb\nc\nd\n", "untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA\n"})
    void refusesWhatIsNoSignatureOfMinisign(String text) throws Exception {
        MinisignKey key = minisignKey("ops");
        write(ChecksumList.NAME + ".minisig", text);

        refused(() -> signedBy(key, null).list(folder), "the signature is not one of minisign");
    }

    @Test
    void refusesAListWithoutTheSignatureThatIsRequired() throws Exception {
        refused(
                () -> signedBy(minisignKey("ops"), null).list(folder),
                "is not signed, and the configuration requires it");
        Path signers = signers("ops " + sshKey("ed25519", "ops"));
        refused(() -> signedBy(null, signers).list(folder), "is not signed, and the configuration requires it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "sha512"})
    void acceptsAListSignedBySshKeygen(String hash) throws Exception {
        Path signers = signers("# who decides", "", "ops@fleet,dba " + sshKey("ed25519", "ops") + " a comment");
        shell("ssh-keygen -Y sign -q -O hashalg=" + hash + " -n watchkeeper -f ../ops " + ChecksumList.NAME);

        assertThat(signedBy(null, signers).list(folder).orElseThrow().signer()).isEqualTo("ops@fleet,dba");
    }

    @Test
    void refusesAListChangedAfterSshKeygen() throws Exception {
        Path signers = signers("ops " + sshKey("ed25519", "ops"));
        shell("ssh-keygen -Y sign -q -n watchkeeper -f ../ops " + ChecksumList.NAME);
        Files.writeString(list, Files.readString(list).replace("b.groovy", "c.groovy"));

        refused(() -> signedBy(null, signers).list(folder), "the list was changed after it was signed");
    }

    @Test
    void refusesSignersWhoAreNotAllowedAndSignaturesForSomethingElse() throws Exception {
        Path signers = signers("ops " + sshKey("ed25519", "ops"));
        sshKey("ed25519", "other");
        shell("ssh-keygen -Y sign -q -n watchkeeper -f ../other " + ChecksumList.NAME);
        refused(() -> signedBy(null, signers).list(folder), "is not among trust.sshAllowedSigners");

        Files.delete(folder.resolve(ChecksumList.NAME + ".sig"));
        shell("ssh-keygen -Y sign -q -n git -f ../ops " + ChecksumList.NAME);
        refused(() -> signedBy(null, signers).list(folder), "the signature was made for 'git', not for 'watchkeeper'");
    }

    @Test
    void refusesKindsOfKeysThatCannotBeVerified() throws Exception {
        Path signers = signers("ops " + sshKey("rsa", "ops"));
        shell("ssh-keygen -Y sign -q -n watchkeeper -f ../ops " + ChecksumList.NAME);

        refused(() -> signedBy(null, signers).list(folder), "it is of the kind ssh-rsa, and only ssh-ed25519");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "ok", textBlock = """
            namespaces="watchkeeper,git"                          | ok
            namespaces="watch*"                                   | ok
            namespaces="*,!watchkeeper"                           | is not among trust.sshAllowedSigners
            namespaces="!git,watch*"                              | ok
            namespaces="git"                                      | is not among trust.sshAllowedSigners
            cert-authority                                        | is not among trust.sshAllowedSigners
            valid-after="20260101",valid-before="20270101Z"       | ok
            valid-after="20261123Z"                               | is valid only from 2026-11-23T00:00:00Z on
            valid-before="202611221200Z",namespaces="watchkeeper" | is not valid any more since 2026-11-22T12:00:00Z
            valid-before="soon"                                   | line 1 of trust.sshAllowedSigners cannot be read
            no-such-option                                        | line 1 of trust.sshAllowedSigners cannot be read
            """)
    void keepsToTheOptionsOfAllowedSigners(String options, @Nullable String refusal) throws Exception {
        Path signers = signers("ops " + options + " " + sshKey("ed25519", "ops"));
        shell("ssh-keygen -Y sign -q -n watchkeeper -f ../ops " + ChecksumList.NAME);

        if (refusal == null) {
            assertThat(signedBy(null, signers).list(folder)).isPresent();
        } else {
            refused(() -> signedBy(null, signers).list(folder), refusal);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADM=\n-----END SSH SIGNATURE-----\n"
            })
    void refusesWhatIsNoSignatureOfSshKeygen(String text) throws Exception {
        Path signers = signers("ops " + sshKey("ed25519", "ops"));
        write(ChecksumList.NAME + ".sig", text);

        refused(() -> signedBy(null, signers).list(folder), "the signature is not one of ssh-keygen");
    }

    @Test
    void aKeyIsTheKeyLineAndNothingElse() throws Exception {
        assertThat(MinisignKey.parse("/etc/watchkeeper/minisign.pub")).isEqualTo(Optional.empty());
        assertThat(MinisignKey.parse("RWQ")).isEmpty();
    }
}
