package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.index.BloatReader;
import io.watchkeeper.toolkit.index.IndexBloat;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A b-tree index of which much is empty, as a cause. */
record BloatedIndex(IndexBloat bloat) {

    /** More than any remediation names. */
    private static final int MOST = 1_000;

    /** The worst one of the tables, or of their partitions. @return empty when none is as bad as that */
    static Optional<BloatedIndex> worst(Session session, List<String> tables, Ratio over) throws SQLException {
        BloatReader reader = new BloatReader(session);
        List<TableName> names = tables.stream().map(TableName::parse).toList();
        Optional<IndexBloat> worst = reader.indexes(names, BloatReader.LEAST, MOST).stream()
                .filter(index -> index.valid() && !index.exclusion() && !index.toast() && index.isOver(over))
                .max(Comparator.comparingLong(IndexBloat::wasted));
        return worst.isEmpty()
                ? Optional.empty()
                : Optional.of(reader.measure(worst.get()))
                        .filter(index -> index.isOver(over))
                        .map(BloatedIndex::new);
    }

    /** As SQL text, with its schema. */
    String name() {
        return bloat.index().quoted();
    }

    Cause cause() {
        return new Cause(
                Cause.Kind.BLOATED_INDEX, 0.4, bloat.words() + ", and was scanned " + bloat.scans() + " times");
    }
}
