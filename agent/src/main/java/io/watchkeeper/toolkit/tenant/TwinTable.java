package io.watchkeeper.toolkit.tenant;

import java.util.ArrayList;
import java.util.List;

/**
 * A table in both forms.
 *
 * @param shared the one that all tenants share
 * @param own the one in the tenant's schema
 * @param refersToItself whether its rows refer to each other
 */
record TwinTable(TenantTable shared, TenantTable own, boolean refersToItself) {

    /** The form from which rows come. @param to the other one */
    TenantTable source(Tenancy to) {
        return to == Tenancy.SCHEMA ? shared : own;
    }

    TenantTable target(Tenancy to) {
        return to == Tenancy.SCHEMA ? own : shared;
    }

    String name() {
        return own.name().name();
    }

    /** Why rows cannot go from one to the other, in sentences. */
    List<String> problems(Tenancy to) {
        List<String> problems = new ArrayList<>();
        for (TenantTable.TableColumn column : shared.own()) {
            if (!own.has(column.name())) {
                problems.add(shared.name() + "." + column.name() + " has no counterpart in " + own.name());
                continue;
            }
            TenantTable.TableColumn other = own.column(column.name());
            if (!column.type().equals(other.type()) || column.collation() != other.collation()) {
                problems.add(
                        shared.name() + "." + column.name() + " is " + column.type() + " and in " + own.name() + " "
                                + other.type()
                                + (column.type().equals(other.type()) ? " with another collation" : ""));
            }
            if (column.generated() != other.generated()) {
                problems.add(shared.name() + "." + column.name() + " is computed in one form and not in the other");
            }
            TenantTable.TableColumn from = to == Tenancy.SCHEMA ? column : other;
            TenantTable.TableColumn into = to == Tenancy.SCHEMA ? other : column;
            if (into.notNull() && !from.notNull()) {
                problems.add(target(to).name() + "." + column.name() + " is NOT NULL and in "
                        + source(to).name() + " it is not");
            }
        }
        for (TenantTable.TableColumn column : own.own()) {
            if (!shared.has(column.name())) {
                problems.add(own.name() + "." + column.name() + " has no counterpart in " + shared.name());
            }
        }
        if (shared.key().isEmpty()) {
            problems.add(shared.name() + " has no primary key");
        } else if (!shared.key().equals(own.key())) {
            problems.add("the primary key of " + shared.name() + " is (" + String.join(", ", shared.key()) + ") and of "
                    + own.name() + " (" + String.join(", ", own.key()) + "), leaving tenant_id out");
        }
        return problems;
    }
}
