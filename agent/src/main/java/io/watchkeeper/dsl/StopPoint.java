package io.watchkeeper.dsl;

import io.watchkeeper.postgres.WorkCancelledException;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;

/**
 * Where code of a runbook that calls no verb still notices that its run was told to stop. The compiler puts one at the beginning
 * of each loop's body and of each closure: without it a loop that never ends would outlive its deadline and hold its locks.
 */
public final class StopPoint {

    private static final ClassNode TYPE = ClassHelper.make(StopPoint.class);

    private StopPoint() {}

    /** @throws WorkCancelledException when the run was told to stop: that interrupts its thread */
    public static void pass() {
        // The flag stays: code that catches this meets the next stop point.
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkCancelledException("the run was told to stop");
        }
    }

    /** The body with a stop point before it. */
    static Statement before(Statement body) {
        Statement point = statementAt(body);
        if (body instanceof BlockStatement block) {
            block.getStatements().add(0, point);
            return block;
        }
        BlockStatement block = new BlockStatement();
        block.setSourcePosition(body);
        block.addStatement(point);
        block.addStatement(body);
        return block;
    }

    private static Statement statementAt(ASTNode place) {
        StaticMethodCallExpression call =
                new StaticMethodCallExpression(TYPE, "pass", ArgumentListExpression.EMPTY_ARGUMENTS);
        call.setSourcePosition(place);
        ExpressionStatement statement = new ExpressionStatement(call);
        statement.setSourcePosition(place);
        return statement;
    }

    static boolean is(StaticMethodCallExpression call) {
        return call.getOwnerType().equals(TYPE);
    }
}
