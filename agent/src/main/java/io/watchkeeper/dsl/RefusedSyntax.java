package io.watchkeeper.dsl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.AnnotatedNode;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.expr.AttributeExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.LambdaExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.MethodPointerExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.CatchStatement;
import org.codehaus.groovy.ast.stmt.DoWhileStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.ast.stmt.SynchronizedStatement;
import org.codehaus.groovy.ast.stmt.WhileStatement;

/**
 * Refuses kinds of expressions and statements that need no types to be known for what they are; what stays gets its stop points.
 */
final class RefusedSyntax extends CodeVisitorSupport {

    private static final Set<String> HIDDEN_NAMES =
            Set.of("this", "super", "owner", "delegate", "thisObject", "binding", "metaClass");
    private static final Set<String> HIDDEN_PROPERTIES = Set.of("class", "metaClass", "properties");
    private static final String NO_LOOK_INSIDE = "runbooks do not look into or change the program they run in.";

    private final CompileRequest request;

    /** For each block around the current place, whether its code runs with each run and not when the file is loaded. */
    private final Deque<Boolean> code = new ArrayDeque<>();

    RefusedSyntax(CompileRequest request) {
        this.request = request;
    }

    /** Refuses the node's annotations and takes them away before anything acts on them. */
    static void takeAnnotations(AnnotatedNode node, CompileRequest request) {
        // The compiler marks what it makes itself with annotations, too; those stand on no line.
        List<AnnotationNode> written = node.getAnnotations().stream()
                .filter(a -> a.getLineNumber() > 0)
                .toList();
        if (!written.isEmpty()) {
            written.forEach(a -> RunbookSyntaxGuard.refuse(a, request));
            node.getAnnotations().removeAll(written);
        }
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        if (!(call.getMethod() instanceof ConstantExpression)) {
            request.problem(
                    call.getMethod(),
                    "a word must stand in the file as it is, not be put together while it runs",
                    "write the word out, or choose with 'if'.");
        }
        if (!call.isImplicitThis()) {
            call.getObjectExpression().visit(this);
        }
        call.getMethod().visit(this);
        SeveralNames.gather(call);
        boolean holdsCode = call.isImplicitThis() && mayHoldCode(String.valueOf(call.getMethodAsString()));
        for (Expression argument : BlockMap.arguments(call)) {
            if (argument instanceof ClosureExpression && holdsCode) {
                code.push(true);
                argument.visit(this);
                code.pop();
            } else {
                argument.visit(this);
            }
        }
    }

    /** A word that does not exist may be meant to open a step. */
    private static boolean mayHoldCode(String word) {
        List<Vocabulary.BlockWords> meant = Vocabulary.LANGUAGE.blocks().stream()
                .filter(b -> b.name().equals(word))
                .toList();
        return meant.isEmpty() || meant.stream().anyMatch(Vocabulary.BlockWords::holdsCode);
    }

    @Override
    public void visitVariableExpression(VariableExpression variable) {
        takeAnnotations(variable, request);
        if (HIDDEN_NAMES.contains(variable.getName())) {
            refuseName(variable, variable.getName());
        }
    }

    private void refuseName(ASTNode place, String name) {
        Refusal refusal = Refusal.of(name, "", name);
        request.problem(place, refusal.message(), refusal.hint());
    }

    @Override
    public void visitPropertyExpression(PropertyExpression property) {
        if (!(property.getProperty() instanceof ConstantExpression)) {
            request.problem(
                    property.getProperty(),
                    "a name after '.' must stand in the file as it is",
                    "for a map write map[key].");
        } else if (HIDDEN_PROPERTIES.contains(String.valueOf(property.getPropertyAsString()))) {
            request.problem(
                    property.getProperty(),
                    "'" + property.getPropertyAsString()
                            + "' is refused: runbooks do not look into or change the program they run in",
                    "for a column or key of that name write row['" + property.getPropertyAsString() + "'].");
        }
        super.visitPropertyExpression(property);
    }

    @Override
    public void visitAttributeExpression(AttributeExpression attribute) {
        request.problem(attribute.getProperty(), "'.@' is refused: " + NO_LOOK_INSIDE, "write '.' alone.");
        super.visitAttributeExpression(attribute);
    }

    @Override
    public void visitMethodPointerExpression(MethodPointerExpression pointer) {
        request.problem(
                pointer.getMethodName(),
                "method pointers ('.&' and '::') are refused: they go around the checks of this language",
                "write a closure: { x -> … }");
        super.visitMethodPointerExpression(pointer);
    }

    @Override
    public void visitLambdaExpression(LambdaExpression lambda) {
        request.problem(lambda, "lambdas are not part of the language", "write a closure: { x -> … }");
        visitClosureExpression(lambda);
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        if (closure.getParameters() != null) {
            for (Parameter parameter : closure.getParameters()) {
                takeAnnotations(parameter, request);
                if (HIDDEN_NAMES.contains(parameter.getName())) {
                    refuseName(parameter, parameter.getName());
                }
                if (parameter.hasInitialExpression()) {
                    parameter.getInitialExpression().visit(this);
                }
            }
        }
        super.visitClosureExpression(closure);
        if (!code.isEmpty()) {
            closure.setCode(StopPoint.before(closure.getCode()));
        }
    }

    @Override
    public void visitDeclarationExpression(DeclarationExpression declaration) {
        takeAnnotations(declaration, request);
        super.visitDeclarationExpression(declaration);
    }

    @Override
    public void visitWhileLoop(WhileStatement loop) {
        loopOutsideCode(loop);
        super.visitWhileLoop(loop);
        loop.setLoopBlock(StopPoint.before(loop.getLoopBlock()));
    }

    @Override
    public void visitDoWhileLoop(DoWhileStatement loop) {
        loopOutsideCode(loop);
        super.visitDoWhileLoop(loop);
        loop.setLoopBlock(StopPoint.before(loop.getLoopBlock()));
    }

    @Override
    public void visitForLoop(ForStatement loop) {
        loopOutsideCode(loop);
        if (loop.getValueVariable() != null) {
            takeAnnotations(loop.getValueVariable(), request);
        }
        super.visitForLoop(loop);
        loop.setLoopBlock(StopPoint.before(loop.getLoopBlock()));
    }

    private void loopOutsideCode(Statement loop) {
        if (code.isEmpty()) {
            request.problem(
                    loop,
                    "a loop outside a step would run while the file is loaded",
                    "move it into a step; to declare several things alike: ['a', 'b'].each { name -> … }");
        }
    }

    @Override
    public void visitCatchStatement(CatchStatement statement) {
        takeAnnotations(statement.getVariable(), request);
        super.visitCatchStatement(statement);
    }

    @Override
    public void visitSynchronizedStatement(SynchronizedStatement statement) {
        request.problem(
                statement, "'synchronized' is refused: steps share nothing", "use  lock 'name'  in the policy.");
        super.visitSynchronizedStatement(statement);
    }
}
