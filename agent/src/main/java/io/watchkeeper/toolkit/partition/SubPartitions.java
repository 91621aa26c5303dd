package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a partition is itself divided.
 *
 * @param key as after {@code PARTITION BY}
 * @param columns whose values it is divided by, as far as they are columns
 * @param parts each by a suffix of its name
 */
public record SubPartitions(String key, List<String> columns, List<Part> parts) {

    private static final int MOST = 1_000;

    /**
     * One of them.
     *
     * @param suffix appended to the partition's name
     * @param bound {@code FOR VALUES …} or {@code DEFAULT}
     * @param within how it is divided again; nothing in a list with no key
     */
    record Part(String suffix, String bound, List<SubPartitions> within) {
        Part {
            within = List.copyOf(within);
        }
    }

    public SubPartitions {
        columns = List.copyOf(columns);
        parts = List.copyOf(parts);
    }

    /** So many partitions by a hash of the column. @throws OperatorException when that is no sensible number */
    public static SubPartitions hash(int modulus, String column) {
        if (modulus < 2 || modulus > MOST) {
            throw new OperatorException(
                    "'hash' makes 2 to " + MOST + " sub-partitions, not " + modulus, "hash 8, 'tenant_id'");
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < modulus; i++) {
            parts.add(new Part("_h" + i, "FOR VALUES WITH (MODULUS " + modulus + ", REMAINDER " + i + ")", List.of()));
        }
        return new SubPartitions("HASH (" + Identifiers.quote(column) + ")", List.of(column), parts);
    }

    /** One partition for each value of the column, and one for all other values. */
    public static SubPartitions list(String column, List<String> values) {
        if (values.isEmpty() || values.size() > MOST) {
            throw new OperatorException("'list' takes 1 to " + MOST + " values", "list 'region', 'eu', 'kr'");
        }
        List<Part> parts = new ArrayList<>();
        for (String value : values) {
            String plain = value.replaceAll("[^\\p{L}\\p{N}]+", "_");
            parts.add(new Part("_" + plain, "FOR VALUES IN (" + Identifiers.quoteLiteral(value) + ")", List.of()));
        }
        parts.add(new Part("_rest", "DEFAULT", List.of()));
        return new SubPartitions("LIST (" + Identifiers.quote(column) + ")", List.of(column), parts);
    }
}
