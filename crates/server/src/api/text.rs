//! Texts that name something: what every database can store, and find again.

use hallpass_engine::{
    id::UserId,
    roles::{self, MAX_NAME},
};

use super::reply::Problem;

/// The name of a role or permission, without white space around it.
pub(super) fn name(field: &'static str, text: &str) -> Result<String, Problem> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Problem::BadRequest(format!("Field name '{field}' cannot be an empty String")));
    }
    storable(field, name)
}

/// Names in a list.
pub(super) fn names(field: &'static str, texts: &[String]) -> Result<Vec<String>, Problem> {
    let name = |text: &String| match text.trim() {
        "" => Err(Problem::BadRequest(format!("Field name '{field}' cannot contain an empty string"))),
        name => storable(field, name),
    };
    texts.iter().map(name).collect()
}

fn storable(field: &'static str, name: &str) -> Result<String, Problem> {
    let problem = || Problem::BadRequest(format!("Field name '{field}' must be at most {MAX_NAME} characters, without U+0000"));
    roles::name(name).map(str::to_owned).ok_or_else(problem)
}

/// A user as the application names it: taken as it is, the empty text included.
pub(super) fn user(field: &'static str, text: &str) -> Result<UserId, Problem> {
    let user = UserId::from(text);
    let problem = || Problem::BadRequest(format!("Field name '{field}' must be at most 512 bytes, without U+0000"));
    if user.is_storable() { Ok(user) } else { Err(problem()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(result: Result<T, Problem>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn names_are_trimmed_and_their_characters_counted() {
        assert_eq!(name("role", "  admin\n").unwrap(), "admin");
        assert_eq!(name("role", "a b").unwrap(), "a b");
        let longest = "ä".repeat(255);
        assert_eq!(name("role", &longest).unwrap(), longest);
        assert_eq!(names("permissions", &[" r ".to_owned(), "w".to_owned()]).unwrap(), ["r", "w"]);
    }

    #[test]
    fn what_is_wrong_with_a_name_is_told_by_its_field() {
        assert_eq!(refused(name("role", " ")), "Field name 'role' cannot be an empty String");
        assert_eq!(refused(names("permissions", &[String::new()])), "Field name 'permissions' cannot contain an empty string");
        for wrong in ["ä".repeat(256), "a\0b".to_owned()] {
            let text = "must be at most 255 characters, without U+0000";
            assert_eq!(refused(name("role", &wrong)), format!("Field name 'role' {text}"));
            assert_eq!(refused(names("permissions", &[wrong])), format!("Field name 'permissions' {text}"));
        }
    }

    #[test]
    fn users_are_taken_as_they_are() {
        for right in ["", " ", "Ä b", &"x".repeat(512)] {
            assert_eq!(user("userId", right).unwrap().as_str(), right);
        }
        for wrong in ["x".repeat(513), "ä".repeat(257), "\0".to_owned()] {
            assert_eq!(refused(user("userId", &wrong)), "Field name 'userId' must be at most 512 bytes, without U+0000");
        }
    }
}
