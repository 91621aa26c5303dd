package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.postgres.NamePattern;
import io.watchkeeper.postgres.TablePattern;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is in a dump, read in its snapshot and written beside it: by this a restore says what it would bring before it opens the dump, and
 * finds the parts of the archive that belong to a table.
 *
 * @param locale what a database must be created with so that the rows fit and sort as they did
 * @param schemas of the database, by the oids that the archive's table of contents knows them by
 * @param relations of the dump, sorted by name
 * @param references foreign keys of its tables
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DumpContents(
        DatabaseLocale locale, Map<Long, String> schemas, List<DumpedRelation> relations, List<Reference> references) {

    /** The file in the backup's folder. It names tables, and is neither compressed nor encrypted. */
    static final String FILE = "contents.json";

    /**
     * A foreign key.
     *
     * @param oid by which the archive's table of contents knows it
     * @param from the oid of the table that has it
     * @param to the oid of the table it refers to, which need not be in the dump
     * @param schema of that table
     * @param name of that table
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Reference(long oid, long from, long to, String schema, String name) {}

    public DumpContents {
        schemas = Map.copyOf(schemas);
        relations = List.copyOf(relations);
        references = List.copyOf(references);
    }

    /** @throws OperatorException when the file is missing or damaged */
    static DumpContents read(Path backup) {
        try {
            return BackupJson.read(backup.resolve(FILE), DumpContents.class);
        } catch (IOException e) {
            throw new OperatorException(
                    "what the dump " + backup.getFileName() + " holds cannot be read: " + e.getMessage(),
                    Files.exists(backup.resolve(FILE))
                            ? "the file is damaged; use another dump."
                            : "this is no dump that Watchkeeper made; restore it with pg_restore.",
                    e);
        }
    }

    /** Those whose rows are in the dump. */
    public List<DumpedRelation> withRows() {
        return relations.stream().filter(DumpedRelation::rows).toList();
    }

    /** The bytes of the rows in the dump, as they were on the server. */
    public long bytes() {
        return withRows().stream().mapToLong(DumpedRelation::bytes).sum();
    }

    /** Whether the rows were digested when the dump was made. */
    public boolean hasDigests() {
        return withRows().stream().allMatch(relation -> relation.digest() != null);
    }

    DumpContents withDigests(Map<Long, TableDigest> digests) {
        return new DumpContents(
                locale,
                schemas,
                relations.stream()
                        .map(r -> Optional.ofNullable(digests.get(r.oid()))
                                .map(r::withDigest)
                                .orElse(r))
                        .toList(),
                references);
    }

    /**
     * Those that the patterns mean, partitions with their partitioned table.
     *
     * @throws OperatorException when one of the patterns means nothing
     */
    List<DumpedRelation> choose(List<String> patterns) {
        Map<Long, DumpedRelation> byOid = new HashMap<>();
        relations.forEach(relation -> byOid.put(relation.oid(), relation));
        List<TablePattern> wanted = patterns.stream().map(TablePattern::parse).toList();
        for (TablePattern pattern : wanted) {
            if (relations.stream().noneMatch(relation -> pattern.matches(relation.tableName()))) {
                throw new OperatorException(
                        "the dump holds no table " + pattern, "it holds: " + someNames(relations) + ".");
            }
        }
        return relations.stream()
                .filter(relation -> lineage(byOid, relation).stream()
                        .anyMatch(one -> wanted.stream().anyMatch(p -> p.matches(one.tableName()))))
                .toList();
    }

    /**
     * Those of the schemas that the patterns mean.
     *
     * @throws OperatorException when one of the patterns means none
     */
    List<DumpedRelation> ofSchemas(List<String> patterns) {
        List<NamePattern> wanted = patterns.stream().map(NamePattern::parse).toList();
        for (NamePattern pattern : wanted) {
            if (relations.stream().noneMatch(relation -> pattern.matches(relation.schema()))) {
                throw new OperatorException("the dump holds no schema " + pattern, null);
            }
        }
        return relations.stream()
                .filter(relation -> wanted.stream().anyMatch(p -> p.matches(relation.schema())))
                .toList();
    }

    /** A relation and all partitioned tables it is a part of. */
    static List<DumpedRelation> lineage(Map<Long, DumpedRelation> byOid, DumpedRelation relation) {
        List<DumpedRelation> line = new ArrayList<>();
        DumpedRelation one = relation;
        while (one != null) {
            line.add(one);
            Long parent = one.parent();
            one = parent == null ? null : byOid.get(parent);
        }
        return line;
    }

    /** At most ten names, and how many more there are. */
    static String someNames(List<DumpedRelation> relations) {
        String names = relations.stream()
                .limit(10)
                .map(relation -> relation.tableName().toString())
                .reduce((a, b) -> a + ", " + b)
                .orElse("none");
        return relations.size() > 10 ? names + " and " + (relations.size() - 10) + " more" : names;
    }
}
