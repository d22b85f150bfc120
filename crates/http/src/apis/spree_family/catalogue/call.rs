//! A request of the catalogue past the door, and what its views look at.

use crate::apis::spree_family::answer::via;
use crate::apis::spree_family::auth::Caller;
use crate::apis::spree_family::call::{Call as Passed, OpenCall as PassedAnyone};
use crate::apis::spree_family::refuse::Refused;
use crate::kit::Params;
use crate::server::AppState;
use axum::extract::{FromRequest, Request};
use domain::catalog::Catalog;
use domain::channel::Channel;
use domain::user::{Buyer, User};
use domain::{Time, UserId};
use engine::Once;
use std::sync::Arc;

/// A request whose caller passed the door.
#[allow(missing_debug_implementations)] // the app holds trait objects
pub struct Call {
    pub app: AppState,
    pub params: Params,
    pub caller: Caller,
    pub catalog: Arc<Catalog>,
    pub once: Option<Once>,
    pub now: Time,
    /// Nothing here shows an order, so nobody's credit is looked at.
    pub nobody: Buyer,
}

/// A request that anyone may make.
#[allow(missing_debug_implementations)]
pub struct OpenCall(pub Call);

impl Call {
    fn of(passed: Passed) -> Call {
        let Passed { app, params, caller, catalog, once, .. } = passed;
        let now = app.engine.now();
        Call { app, params, caller, catalog, once, now, nobody: Buyer::default() }
    }

    pub fn channel(&self) -> &Channel {
        via(&self.catalog, self.caller.dialect)
    }

    pub fn is_staff(&self) -> bool {
        self.caller.is_admin()
    }

    pub fn user(&self) -> Option<&Arc<User>> {
        self.caller.user()
    }

    /// Whether the caller's key is this user's.
    pub fn is(&self, user: UserId) -> bool {
        self.user().is_some_and(|own| own.id == user)
    }
}

impl FromRequest<AppState> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<Call, Refused> {
        Passed::from_request(request, app).await.map(Call::of)
    }
}

impl FromRequest<AppState> for OpenCall {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &AppState) -> Result<OpenCall, Refused> {
        PassedAnyone::from_request(request, app).await.map(|passed| OpenCall(Call::of(passed.0)))
    }
}
