// .teamcity/settings.kts
import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.script

version = "2024.03"

project {
    buildType(Tests)
}

object Tests : BuildType({
    name = "Tests"
    vcs {
        root(DslContext.settingsRoot)
    }
    params {
        param("env.PATH", "%env.HOME%/.subunit/bin:%env.PATH%")
    }
    steps {
        script {
            scriptContent = "sh ci/install-subunit.sh"
        }
        // What your tests need comes here.
        script {
            scriptContent = "subunit run --brief --teamcity=/dev/stdout"
        }
    }
})
