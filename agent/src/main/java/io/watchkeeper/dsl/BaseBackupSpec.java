package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.BaseBackupFormat;
import io.watchkeeper.toolkit.backup.BaseBackupPlan;
import io.watchkeeper.toolkit.backup.CompressAt;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.pgbackrest.StanzaBackup;
import io.watchkeeper.toolkit.pgbackrest.StanzaBackupMaker;
import io.watchkeeper.units.Bytes;
import java.time.Duration;

/** {@code baseBackup('shore') { … }} */
@Block(
        name = "baseBackup",
        value = "How a base backup is made. See [Backups](backups.md).",
        words = {
            "provider",
            "pgbackrest",
            "format",
            "compress",
            "compressAt",
            "checkpoint",
            "rateLimit",
            "verify",
            "incremental",
            "differential",
            "fullAfter",
            "label"
        })
public final class BaseBackupSpec extends ProviderSpec {

    private BaseBackupPlan plan = BaseBackupPlan.USUAL;
    private boolean differential;

    BaseBackupSpec() {}

    @Word(
            value = "How it lies in the repository. An encrypted backup is always `tar`.",
            example = "format tar",
            byDefault = "plain, and tar where it is compressed")
    public void format(BaseBackupFormat format) {
        plan = plan.withFormat(format);
    }

    @Word(
            value =
                    "How the tar files are compressed, and how strongly where a number is given. With `format plain` only what travels is.",
            example = "compress zstd, 3",
            byDefault = "none")
    public void compress(Compression method) {
        plan = plan.withCompression(method, null);
    }

    public void compress(Compression method, int level) {
        plan = plan.withCompression(method, level);
    }

    @Word(
            value = "Which end compresses.",
            example = "compressAt server",
            byDefault = "the server, where it is another host that can, else this host")
    public void compressAt(CompressAt end) {
        plan = plan.withCompressAt(end);
    }

    @Word(
            value = "How the server writes out what it has in memory before the backup begins.",
            example = "checkpoint fast",
            byDefault = "spread")
    public void checkpoint(Checkpoint kind) {
        plan = plan.withFastCheckpoint(kind == Checkpoint.FAST);
    }

    @Word(
            value = "At most this much per second, from 32 KB to 1 GB.",
            example = "rateLimit 20.megabytes",
            byDefault = "as fast as it goes")
    public void rateLimit(Bytes perSecond) {
        plan = plan.withRateLimit(perSecond);
    }

    @Word(
            value =
                    "Whether what arrived is compared with the checksums that the server sends along, and its log is read. What differs"
                            + " is no backup.",
            example = "verify true",
            byDefault = "true")
    public void verify(boolean yes) {
        plan = plan.withVerify(yes);
    }

    @Word(
            value =
                    "Only what changed since the newest base backup; a whole one where there is none to build on, which the result says."
                            + " PostgreSQL 17 and newer, with `summarize_wal` on.",
            example = "incremental true",
            byDefault = "false")
    public void incremental(boolean yes) {
        plan = plan.withIncremental(yes);
    }

    @Word(
            value = "With `incremental`: a whole backup again where the last whole one is older than this.",
            example = "fullAfter 7.days",
            byDefault = "1.day")
    public void fullAfter(Duration age) {
        plan = plan.withFullAfter(age);
    }

    @Word(
            value = "As it stands in the backup's `backup_label`.",
            example = "label 'before the upgrade'",
            byDefault = "the backup's name")
    public void label(@Checked(TextKind.NAME) String text) {
        plan = plan.withLabel(text);
    }

    @Choice(of = "format", value = "A data directory, file by file.")
    public BaseBackupFormat getPlain() {
        return BaseBackupFormat.PLAIN;
    }

    @Choice(of = "format", value = "A tar file, and one more for each tablespace.")
    public BaseBackupFormat getTar() {
        return BaseBackupFormat.TAR;
    }

    @Choice(of = "compress", value = "As they are.")
    public Compression getNone() {
        return Compression.NONE;
    }

    @Choice(of = "compress", value = "What every host can read.")
    public Compression getGzip() {
        return Compression.GZIP;
    }

    @Choice(of = "compress", value = "Smaller and faster than gzip.")
    public Compression getZstd() {
        return Compression.ZSTD;
    }

    @Choice(of = "compress", value = "Costs next to nothing, and saves less.")
    public Compression getLz4() {
        return Compression.LZ4;
    }

    @Choice(of = "compressAt", value = "This host.")
    public CompressAt getClient() {
        return CompressAt.CLIENT;
    }

    @Choice(of = "compressAt", value = "The database server, from PostgreSQL 15 on.")
    public CompressAt getServer() {
        return CompressAt.SERVER;
    }

    @Choice(of = "checkpoint", value = "At once.")
    public Checkpoint getFast() {
        return Checkpoint.FAST;
    }

    @Choice(of = "checkpoint", value = "Gently, which takes minutes.")
    public Checkpoint getSpread() {
        return Checkpoint.SPREAD;
    }

    @Word(
            value = "With provider pgbackrest: only what changed since the newest whole backup.",
            example = "differential true",
            byDefault = "false")
    public void differential(boolean yes) {
        differential = yes;
    }

    /** @throws OperatorException when a word is written that only pgBackRest knows */
    BaseBackupPlan plan() {
        if (differential && stanza().isEmpty()) {
            throw new OperatorException(
                    "'differential' needs provider pgbackrest", "say 'incremental true', or leave it out.");
        }
        return plan;
    }

    /**
     * The plan as pgBackRest understands it. What is as it is by default is left to its configuration.
     *
     * @throws OperatorException when something is written that it cannot do
     */
    StanzaBackupMaker.Options stanzaOptions() {
        requireNative(plan.rateLimit() != null, "rateLimit", "it has none");
        requireNative(plan.format() != null, "format", "its repository has a form of its own");
        requireNative(plan.compressAt() != null, "compressAt", "it compresses where it runs");
        requireNative(plan.label() != null, "label", "it names its backups itself");
        return new StanzaBackupMaker.Options(
                differential
                        ? StanzaBackup.Type.DIFF
                        : plan.incremental() ? StanzaBackup.Type.INCR : StanzaBackup.Type.FULL,
                plan.fastCheckpoint() ? true : null,
                plan.compression() == Compression.NONE
                        ? null
                        : StanzaBackupMaker.compressionType(plan.compression().toString()),
                plan.level(),
                false);
    }

    /** How fast a checkpoint is to be. */
    public enum Checkpoint {
        FAST,
        SPREAD
    }
}
