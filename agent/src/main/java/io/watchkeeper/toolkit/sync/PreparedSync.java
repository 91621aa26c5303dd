package io.watchkeeper.toolkit.sync;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.toolkit.copy.CopiedColumn;
import io.watchkeeper.toolkit.copy.CopySql;
import io.watchkeeper.toolkit.copy.Fingerprint;
import io.watchkeeper.toolkit.copy.MergeLoad;
import io.watchkeeper.toolkit.copy.PreparedCopy;
import io.watchkeeper.toolkit.copy.WrittenBeside;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A plan that was held against both catalogues.
 *
 * @param copy the same as a merge, which is how changed rows are brought in
 * @param chosen the mode, no longer auto
 * @param reason why that mode
 * @param watermarkType of the watermark column, as SQL writes it; empty without one
 * @param standby whether the source is one
 * @param xmin what becomes of the target's column of the source's transactions
 */
record PreparedSync(
        SyncPlan plan,
        PreparedCopy copy,
        SyncMode chosen,
        String reason,
        String watermarkType,
        boolean standby,
        SourceXmin.Use xmin) {

    /** How changed rows are brought in. @param number tells the tables of one transaction apart */
    MergeLoad merge(int number) {
        return new MergeLoad(
                copy,
                "watchkeeper_merge_" + number,
                xmin == SourceXmin.Use.NONE ? null : new WrittenBeside(SourceXmin.COLUMN, xmin == SourceXmin.Use.KEPT));
    }

    PreparedSync noting(List<String> said) {
        List<String> all = new ArrayList<>(copy.notes());
        all.addAll(said);
        return new PreparedSync(plan, copy.withNotes(all), chosen, reason, watermarkType, standby, xmin);
    }

    SyncOptions options() {
        return plan.options();
    }

    TableShape source() {
        return copy.source();
    }

    TableShape target() {
        return copy.target();
    }

    List<String> keyNames() {
        return Objects.requireNonNull(copy.mergeKey()).columns();
    }

    List<CopiedColumn> key() {
        return keyNames().stream().map(copy::column).toList();
    }

    /** The key's columns of two tables, compared. */
    String equalKeys(String one, String other) {
        return Objects.requireNonNull(copy.mergeKey()).equal(one, other);
    }

    /** A hash of the key, on the source. */
    String hashHere() {
        return CopySql.keyHash(copy, key(), CopiedColumn::sourceText);
    }

    /** The same on the target. */
    String hashThere() {
        return CopySql.keyHash(copy, key(), CopiedColumn::targetText);
    }

    /** The key as an array of texts. */
    String keyTexts(String alias) {
        return "ARRAY["
                + keyNames().stream()
                        .map(name -> alias + "." + Identifiers.quote(name) + "::text")
                        .collect(Collectors.joining(", "))
                + "]";
    }

    /** The rows of the source that are meant, with what is asked of each; over all of its partitions. */
    String sourceRows(String what) {
        return copy.sourceRelations().stream()
                .map(relation -> "SELECT " + what + " FROM ONLY " + relation.quoted() + CopySql.where(copy, null))
                .collect(Collectors.joining(" UNION ALL "));
    }

    /** The rows of the target that are meant; the table's alias is {@code t}. */
    String targetRows(String what, @Nullable String condition) {
        return "SELECT " + what + " FROM " + target().quotedAlone() + " t" + CopySql.where(copy, condition);
    }

    /** Which of the target's rows are meant, from which table: the record's name. */
    String scope() {
        return source().name()
                + (options().where() == null ? "" : " where " + options().where());
    }

    /** Each column of the source as {@code name type}. */
    List<String> sourceColumns() {
        return copy.columns().stream()
                .map(column ->
                        Identifiers.quote(column.name()) + " " + column.from().text())
                .toList();
    }

    /** All that decides which rows are kept the same and how they are told apart. */
    String fingerprint() {
        List<String> texts = new ArrayList<>();
        texts.add(scope());
        texts.add(target().name().quoted());
        copy.columns().forEach(column -> texts.add(column.name() + " " + column.from() + " " + column.to()));
        texts.add(Identifiers.quoteAll(keyNames()));
        if (!options().deletes()) {
            texts.add("gone rows stay"); // once they are to go, they must be looked for
        }
        return Fingerprint.of(texts);
    }

    TableName name() {
        return source().name();
    }
}
