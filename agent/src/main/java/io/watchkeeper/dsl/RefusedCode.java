package io.watchkeeper.dsl;

import java.util.IdentityHashMap;
import java.util.Objects;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.DynamicVariable;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.expr.ArrayExpression;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.CastExpression;
import org.codehaus.groovy.ast.expr.ClassExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstructorCallExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.CatchStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.ast.stmt.ThrowStatement;
import org.codehaus.groovy.syntax.Types;
import org.codehaus.groovy.transform.stc.ExtensionMethodNode;
import org.codehaus.groovy.transform.stc.StaticTypeCheckingVisitor;
import org.codehaus.groovy.transform.stc.StaticTypesMarker;

/**
 * Refuses, in code whose types are known, every call, property and type that is not on the {@link AllowList}. What the
 * compiler could not bind to a method is refused too: such a call would be looked up while it runs.
 */
final class RefusedCode extends CodeVisitorSupport {

    private final CompileRequest request;
    private final RunbookTypeChecker types;
    private final IdentityHashMap<ASTNode, Boolean> staticReceivers = new IdentityHashMap<>();

    /** Expressions whose value is of no use: what is done with it needs no second refusal. */
    private final IdentityHashMap<ASTNode, Boolean> refused = new IdentityHashMap<>();

    RefusedCode(CompileRequest request, RunbookTypeChecker types) {
        this.request = request;
        this.types = types;
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        String name = String.valueOf(call.getMethodAsString());
        boolean innerIsFine = visitReceiver(call.getObjectExpression());
        call.getMethod().visit(this);
        if (innerIsFine) {
            checkTarget(call, place(call), name);
        } else {
            refused.put(call, true);
        }
        for (Expression argument : BlockMap.arguments(call)) {
            if (!refused.containsKey(call) || !(argument instanceof ClassExpression)) {
                argument.visit(this);
            }
        }
    }

    private static ASTNode place(MethodCallExpression call) {
        return call.isImplicitThis() ? call : call.getMethod();
    }

    /** @return false when something in it was refused: what is done with it needs no second refusal */
    private boolean visitReceiver(Expression receiver) {
        if (receiver instanceof ClassExpression type) {
            staticReceivers.put(type, true);
        }
        receiver.visit(this);
        return !refused.containsKey(receiver) && !request.hasProblemIn(receiver);
    }

    private void checkTarget(Expression expression, ASTNode place, String name) {
        MethodNode target = types.getTargetMethod(expression);
        if (expression.getNodeMetaData(StaticTypesMarker.DYNAMIC_RESOLUTION) != null) {
            refuse(place, name, "", name);
        } else if (target == null) {
            // Where the compiler has said why it found no method, that is the problem.
            if (request.problems().isEmpty() && !types.hasErrors()) {
                refuse(place, name, "", name);
            }
        } else if (!isWrong(target) && !AllowList.allowsMethod(target)) {
            refuse(place, name, ownerOf(target), name);
            refused.put(expression, true);
        }
    }

    private boolean isWrong(MethodNode target) {
        return types.isWrong(target.getReturnType()) || target.getDeclaringClass() == null;
    }

    private static String ownerOf(MethodNode target) {
        MethodNode method =
                target instanceof ExtensionMethodNode extension ? extension.getExtensionMethodNode() : target;
        return method.getDeclaringClass().getName();
    }

    private void refuse(ASTNode place, String what, String owner, String name) {
        if (request.hasProblemIn(place)) {
            return;
        }
        Refusal refusal = Refusal.of(what, owner, name);
        request.problem(place, refusal.message(), refusal.hint());
    }

    @Override
    public void visitStaticMethodCallExpression(StaticMethodCallExpression call) {
        if (!StopPoint.is(call)) {
            checkTarget(call, call, call.getMethod());
        }
        super.visitStaticMethodCallExpression(call);
    }

    @Override
    public void visitConstructorCallExpression(ConstructorCallExpression call) {
        if (!call.isUsingAnonymousInnerClass() && !AllowList.allowsMaking(call.getType())) {
            refuse(
                    call,
                    "new " + call.getType().getNameWithoutPackage(),
                    call.getType().getName(),
                    "");
        }
        call.getArguments().visit(this);
    }

    @Override
    public void visitPropertyExpression(PropertyExpression property) {
        boolean innerIsFine = visitReceiver(property.getObjectExpression());
        property.getProperty().visit(this);
        String name = String.valueOf(property.getPropertyAsString());
        if (!innerIsFine) {
            refused.put(property, true);
            return;
        }
        if (types.getTargetMethod(property) != null) {
            checkTarget(property, property.getProperty(), name);
        } else if (!isPlainAccess(property) && !types.isWrong(types.getType(property))) {
            ClassNode receiver = types.getType(property.getObjectExpression());
            if (receiver.getMethod(name, Parameter.EMPTY_ARRAY) != null) {
                request.problem(
                        property.getProperty(), "'" + name + "' is written with parentheses", "write: " + name + "()");
            } else {
                refuse(property.getProperty(), name, "", name);
            }
        }
    }

    /** A key of a map, a column of rows, the length of an array, a constant of a type. */
    private boolean isPlainAccess(PropertyExpression property) {
        ClassNode receiver = types.getType(property.getObjectExpression());
        if (property.getNodeMetaData(StaticTypesMarker.DYNAMIC_RESOLUTION) != null) {
            return false;
        }
        if (property.getObjectExpression() instanceof ClassExpression type) {
            return AllowList.allowsMaking(type.getType()) && AllowList.allowsType(types.getType(property));
        }
        if (isMap(receiver) || receiver.isArray()) {
            return true;
        }
        return isMap(elementOf(receiver));
    }

    private static ClassNode elementOf(ClassNode type) {
        return StaticTypeCheckingVisitor.inferLoopElementType(type);
    }

    private static boolean isList(ClassNode type) {
        return type.equals(ClassHelper.LIST_TYPE) || type.implementsInterface(ClassHelper.LIST_TYPE);
    }

    private static boolean isMap(ClassNode type) {
        return type.equals(ClassHelper.MAP_TYPE) || type.implementsInterface(ClassHelper.MAP_TYPE);
    }

    @Override
    public void visitVariableExpression(VariableExpression variable) {
        if (types.getTargetMethod(variable) != null
                || variable.getNodeMetaData(StaticTypesMarker.DYNAMIC_RESOLUTION) != null) {
            checkTarget(variable, variable, variable.getName());
        } else if (variable.getAccessedVariable() instanceof DynamicVariable
                && !types.isWrong(types.getType(variable))) {
            // Bound to something else than a word: a field behind the block.
            refuse(variable, variable.getName(), "", variable.getName());
        }
        super.visitVariableExpression(variable);
    }

    @Override
    public void visitBinaryExpression(BinaryExpression binary) {
        boolean isTypeTest =
                binary.getOperation().isOneOf(new int[] {Types.KEYWORD_INSTANCEOF, Types.COMPARE_NOT_INSTANCEOF});
        if (isTypeTest && binary.getRightExpression() instanceof ClassExpression type) {
            staticReceivers.put(type, true);
        }
        MethodNode target = types.getTargetMethod(binary);
        if (binary.getOperation().getType() == Types.LEFT_SQUARE_BRACKET) {
            checkIndexed(binary);
        } else if (target != null) {
            boolean comparison =
                    target.getName().equals("equals") || target.getName().equals("compareTo");
            if (!comparison && !isWrong(target) && !AllowList.allowsMethod(target)) {
                refuse(binary, binary.getOperation().getText(), ownerOf(target), target.getName());
            }
        }
        super.visitBinaryExpression(binary);
    }

    /** {@code a[b]} that no method was found for: on an object it would read or set a property by name. */
    private void checkIndexed(BinaryExpression binary) {
        ClassNode receiver = types.getType(binary.getLeftExpression());
        ClassNode index = types.getType(binary.getRightExpression());
        boolean byNumber = TypeWords.isNumber(index) || isList(index);
        boolean fine = isMap(receiver)
                || types.isWrong(receiver)
                || types.isWrong(index)
                || (byNumber && (receiver.isArray() || isList(receiver) || receiver.equals(ClassHelper.STRING_TYPE)))
                || (isList(receiver) && isMap(elementOf(receiver)));
        if (!fine) {
            refuse(binary, "[…]", "", "[]");
        }
    }

    @Override
    public void visitClassExpression(ClassExpression type) {
        if (staticReceivers.containsKey(type)) {
            checkType(type.getType(), type, type.getType().getNameWithoutPackage());
        } else {
            refuse(type, type.getType().getNameWithoutPackage(), type.getType().getName(), "class");
        }
    }

    @Override
    public void visitCastExpression(CastExpression cast) {
        checkType(cast.getType(), cast, "as " + cast.getType().getNameWithoutPackage());
        super.visitCastExpression(cast);
    }

    @Override
    public void visitDeclarationExpression(DeclarationExpression declaration) {
        if (declaration.getLeftExpression() instanceof TupleExpression tuple) {
            tuple.getExpressions()
                    .forEach(e -> checkType(e.getType(), e, e.getType().getNameWithoutPackage()));
        } else {
            ClassNode type = declaration.getVariableExpression().getOriginType();
            checkType(type, declaration, type.getNameWithoutPackage());
        }
        super.visitDeclarationExpression(declaration);
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        if (closure.getParameters() != null) {
            for (Parameter parameter : closure.getParameters()) {
                checkType(parameter.getType(), parameter, parameter.getType().getNameWithoutPackage());
                if (parameter.hasInitialExpression()) {
                    Objects.requireNonNull(parameter.getInitialExpression()).visit(this);
                }
            }
        }
        super.visitClosureExpression(closure);
    }

    @Override
    public void visitArrayExpression(ArrayExpression array) {
        checkType(array.getElementType(), array, "new " + array.getElementType().getNameWithoutPackage() + "[]");
        super.visitArrayExpression(array);
    }

    @Override
    public void visitThrowStatement(ThrowStatement statement) {
        ClassNode type = types.getType(statement.getExpression());
        if (!type.isDerivedFrom(ClassHelper.THROWABLE_TYPE) && !types.isWrong(type)) {
            request.problem(
                    statement.getExpression(),
                    TypeWords.ofType(type) + " cannot be thrown",
                    "to fail a step: throw new IllegalStateException('why')");
        }
        super.visitThrowStatement(statement);
    }

    @Override
    public void visitCatchStatement(CatchStatement statement) {
        checkType(
                statement.getExceptionType(),
                statement,
                statement.getExceptionType().getNameWithoutPackage());
        super.visitCatchStatement(statement);
    }

    @Override
    public void visitForLoop(ForStatement loop) {
        if (loop.getValueVariable() != null) {
            ClassNode type = loop.getValueVariable().getType();
            checkType(type, loop.getValueVariable(), type.getNameWithoutPackage());
        }
        super.visitForLoop(loop);
    }

    private void checkType(ClassNode type, ASTNode place, String what) {
        ClassNode element = type.isArray() ? type.getComponentType() : type;
        if (!AllowList.allowsType(type) && !types.isWrong(type)) {
            refuse(place, what.replace(";", "[]"), element.redirect().getName(), "");
        }
    }
}
