package main

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/supertokens/supertokens-golang/recipe/session"
	"github.com/supertokens/supertokens-golang/recipe/session/claims"
	"github.com/supertokens/supertokens-golang/recipe/session/sessmodels"
	"github.com/supertokens/supertokens-golang/recipe/userroles"
	"github.com/supertokens/supertokens-golang/recipe/userroles/userrolesclaims"
	"github.com/supertokens/supertokens-golang/supertokens"
)

func main() {
	address := setting("ADDRESS", "localhost:3001")
	here := "http://" + address
	err := supertokens.Init(supertokens.TypeInput{
		Supertokens: &supertokens.ConnectionInfo{ConnectionURI: setting("SESSION_SERVER", "http://localhost:3567")},
		AppInfo:     supertokens.AppInfo{AppName: "shop", APIDomain: here, WebsiteDomain: here},
		RecipeList:  []supertokens.Recipe{session.Init(nil), userroles.Init(nil)},
	})
	if err != nil {
		log.Fatal(err)
	}

	app := http.NewServeMux()
	app.HandleFunc("/login", login)
	app.HandleFunc("/me", session.VerifySession(nil, me))
	app.HandleFunc("/drafts", session.VerifySession(onlyEditors, drafts))
	app.HandleFunc("/become-editor", session.VerifySession(nil, becomeEditor))
	app.HandleFunc("/leave-everywhere", session.VerifySession(nil, leaveEverywhere))

	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Println("listening at", here)
	log.Fatal(http.Serve(listener, supertokens.Middleware(app))) // refresh and sign-out
}

func login(w http.ResponseWriter, r *http.Request) {
	var form struct{ User string }
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		http.Error(w, "a JSON object with a user is missing", http.StatusBadRequest)
		return
	}
	// check the password here
	if _, err := session.CreateNewSession(r, w, "public", form.User, nil, nil); err != nil {
		fail(w, r, err)
		return
	}
	answer(w, map[string]string{"user": form.User})
}

func me(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]string{"user": session.GetSessionFromRequestContext(r.Context()).GetUserID()})
}

var onlyEditors = &sessmodels.VerifySessionOptions{
	OverrideGlobalClaimValidators: func(others []claims.SessionClaimValidator, _ sessmodels.SessionContainer, _ supertokens.UserContext) ([]claims.SessionClaimValidator, error) {
		return append(others, userrolesclaims.UserRoleClaimValidators.Includes("editor", nil, nil)), nil
	},
}

func drafts(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string][]string{"drafts": {}})
}

func becomeEditor(w http.ResponseWriter, r *http.Request) {
	current := session.GetSessionFromRequestContext(r.Context())
	if _, err := userroles.CreateNewRoleOrAddPermissions("editor", []string{"write"}); err != nil {
		fail(w, r, err)
		return
	}
	if _, err := userroles.AddRoleToUser("public", current.GetUserID(), "editor"); err != nil {
		fail(w, r, err)
		return
	}
	// this session learns of it now, others when they refresh it
	if err := current.FetchAndSetClaim(userrolesclaims.UserRoleClaim); err != nil {
		fail(w, r, err)
		return
	}
	answer(w, struct{}{})
}

func leaveEverywhere(w http.ResponseWriter, r *http.Request) {
	current := session.GetSessionFromRequestContext(r.Context())
	if _, err := session.RevokeAllSessionsForUser(current.GetUserID(), nil); err != nil {
		fail(w, r, err)
		return
	}
	// takes the tokens away from this client, too
	if err := current.RevokeSession(); err != nil {
		fail(w, r, err)
		return
	}
	answer(w, struct{}{})
}

// fail answers 401 and 403 for the SDK's errors, and 500 for the others.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if err := supertokens.ErrorHandler(err, r, w); err != nil {
		http.Error(w, "something went wrong", http.StatusInternalServerError)
		log.Println(err)
	}
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("content-type", "application/json")
	json.NewEncoder(w).Encode(value)
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
