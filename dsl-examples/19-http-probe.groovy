// Asks another service. Any status is an answer to judge; no answer within 30 seconds fails the step.
// A dry run asks nobody.
runbook('http-probe') {
    param 'url', 'http://127.0.0.1:9763/health/live'
    step('probe') {
        def answer = http.get(param('url'))
        check('the service says it is up', answer.status() == 200)
    }
}
