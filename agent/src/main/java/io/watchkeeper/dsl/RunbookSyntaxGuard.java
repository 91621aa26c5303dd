package io.watchkeeper.dsl;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.AnnotatedNode;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.ImportNode;
import org.codehaus.groovy.ast.InnerClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.ModuleNode;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;

/**
 * Refuses whole kinds of syntax as soon as a file is parsed, and takes them out, before the compiler acts on them: an annotation
 * can run code while it is compiled, an import or a class can hide what later checks look for. The rest of the file is checked
 * on, so that all its problems are found at once.
 */
final class RunbookSyntaxGuard extends CompilationCustomizer {

    private static final Set<String> PACKAGES =
            Set.of("java.time", "java.time.format", "java.time.temporal", "java.math");
    private static final String IMPORT_HINT = "imports may name classes of java.time and java.math.";

    private final CompileRequest request;
    private final Set<ModuleNode> seen = new HashSet<>();

    RunbookSyntaxGuard(CompileRequest request) {
        super(CompilePhase.CONVERSION);
        this.request = request;
    }

    @Override
    public void call(SourceUnit source, GeneratorContext context, ClassNode anyClass) {
        ModuleNode module = source.getAST();
        if (!seen.add(module)) {
            return;
        }
        request.attachTo(module);
        ((RunbookSource) source).takeNameOfFile();
        RefusedSyntax code = new RefusedSyntax(request);
        guardPackage(module);
        guardImports(module);
        guardClasses(module);
        module.getStatementBlock().visit(code);
        for (ClassNode type : module.getClasses()) {
            guardMethods(type);
            guardAnnotations(type);
        }
    }

    private void guardPackage(ModuleNode module) {
        if (module.getPackage() != null) {
            guardAnnotations(module.getPackage());
            request.problem(module.getPackage(), "a runbook file has no package", "take the 'package' line out.");
        }
    }

    private void guardImports(ModuleNode module) {
        List<ImportNode> all = new ArrayList<>(module.getImports());
        all.addAll(module.getStarImports());
        all.addAll(module.getStaticImports().values());
        all.addAll(module.getStaticStarImports().values());
        for (ImportNode node : all) {
            guardAnnotations(node);
            String name = importedPackage(node);
            if (!PACKAGES.contains(name)) {
                request.problem(node, "the import of '" + imported(node) + "' is refused", IMPORT_HINT);
                request.removedNames().add(String.valueOf(node.getAlias()));
            }
        }
    }

    private static String imported(ImportNode node) {
        if (node.getType() != null) {
            String field = node.getFieldName() == null ? "" : "." + node.getFieldName();
            return node.getType().getName() + field + (node.isStar() ? ".*" : "");
        }
        return node.getPackageName() + "*";
    }

    private static String importedPackage(ImportNode node) {
        String name = node.getType() != null ? String.valueOf(node.getType().getPackageName()) : node.getPackageName();
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private void guardClasses(ModuleNode module) {
        // The list itself: what is taken out of it is neither transformed nor compiled.
        List<ClassNode> classes = module.getClasses();
        for (ClassNode type : List.copyOf(classes)) {
            if (type.isScript()) {
                continue;
            }
            classes.remove(type);
            guardAnnotations(type);
            request.removedNames().add(type.getNameWithoutPackage());
            if (type instanceof InnerClassNode inner && inner.isAnonymous()) {
                request.problem(
                        type, "a class cannot be made here", "runbooks declare no classes; use a closure: { x -> … }.");
            } else {
                request.problem(
                        type,
                        kind(type) + " '" + type.getNameWithoutPackage() + "' cannot be declared in a runbook",
                        "runbooks declare no classes; hold values in maps and lists.");
            }
        }
    }

    private static String kind(ClassNode type) {
        if (type.isAnnotationDefinition()) {
            return "annotation";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isInterface() ? "interface" : type.isRecord() ? "record" : "class";
    }

    private void guardMethods(ClassNode script) {
        for (MethodNode method : List.copyOf(script.getMethods())) {
            guardAnnotations(method);
            // The body of the file is a method too, called run.
            boolean written = !method.isSynthetic() && method.getLineNumber() > 0 && !method.isScriptBody();
            if (written) {
                request.problem(
                        method,
                        "method '" + method.getName() + "' cannot be declared in a runbook: a step could not see it",
                        "declare a closure in the step instead: def " + method.getName() + " = { x -> … }");
                request.removedNames().add(method.getName());
                if (!method.getName().equals("run")) {
                    script.removeMethod(method);
                }
            }
        }
    }

    private void guardAnnotations(AnnotatedNode node) {
        RefusedSyntax.takeAnnotations(node, request);
    }

    static void refuse(AnnotationNode annotation, CompileRequest request) {
        request.problem(
                annotation,
                "annotation '@" + annotation.getClassNode().getNameWithoutPackage() + "' is refused",
                "annotations can run code while a file is compiled; take it out.");
    }
}
