package io.watchkeeper.dsl;

import java.util.List;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.BreakStatement;
import org.codehaus.groovy.ast.stmt.ContinueStatement;
import org.codehaus.groovy.ast.stmt.IfStatement;
import org.codehaus.groovy.ast.stmt.ReturnStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.ast.stmt.ThrowStatement;

/** Where code leaves its step, or this round of its loop, before the end. */
final class WaysOut {

    private WaysOut() {}

    /** Under what the code behind a statement is still reached; empty where it always is. */
    static List<Deed.Condition> behind(Statement statement) {
        if (leaves(statement)) {
            return List.of(new Deed.Condition(Deed.Kind.ENDED, ""));
        }
        if (statement instanceof IfStatement choice) {
            Expression condition = choice.getBooleanExpression().getExpression();
            if (leaves(choice.getIfBlock()) && !mayLeave(choice.getElseBlock())) {
                return List.of(new Deed.Condition(Deed.Kind.UNLESS, ValueWords.written(condition)));
            }
            if (leaves(choice.getElseBlock()) && !mayLeave(choice.getIfBlock())) {
                return List.of(new Deed.Condition(Deed.Kind.IF, ValueWords.written(condition)));
            }
        }
        return mayLeave(statement) ? List.of(new Deed.Condition(Deed.Kind.ENDED, "")) : List.of();
    }

    /** Whether nothing behind the statement is ever reached. */
    private static boolean leaves(Statement statement) {
        if (statement instanceof BlockStatement block) {
            return block.getStatements().stream().anyMatch(WaysOut::leaves);
        }
        if (statement instanceof IfStatement choice) {
            return leaves(choice.getIfBlock()) && leaves(choice.getElseBlock());
        }
        return statement instanceof ReturnStatement
                || statement instanceof ThrowStatement
                || statement instanceof BreakStatement
                || statement instanceof ContinueStatement;
    }

    private static boolean mayLeave(Statement statement) {
        boolean[] found = new boolean[1];
        statement.visit(new CodeVisitorSupport() {
            @Override
            public void visitReturnStatement(ReturnStatement way) {
                found[0] = true;
            }

            @Override
            public void visitThrowStatement(ThrowStatement way) {
                found[0] = true;
            }

            @Override
            public void visitBreakStatement(BreakStatement way) {
                found[0] = true;
            }

            @Override
            public void visitContinueStatement(ContinueStatement way) {
                found[0] = true;
            }

            @Override
            public void visitClosureExpression(ClosureExpression block) {
                // It leaves only itself.
            }
        });
        return found[0];
    }
}
